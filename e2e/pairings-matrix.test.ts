/** Each cell of the matrix of pairings has a case (e2e/pairings/cases.yaml, streams.yaml) or a reason why there is none (matrix.yaml), never both. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { matrixFaults, readMatrixReasons, readPairings, readStreamCases } from '@weft/testkit/pairing';

const at = (name: string): string => path.join(import.meta.dirname, 'pairings', name);
const input = {
  cases: readPairings(at('cases.yaml')),
  streams: readStreamCases(at('streams.yaml')),
  reasons: readMatrixReasons(at('matrix.yaml')),
};

test('every cell has a case or a reason', () => {
  assert.deepEqual(matrixFaults(input), []);
});

test('a case that goes leaves its cells bare', () => {
  const streams = input.streams.filter(({ cuts }) => cuts !== 'backend');
  assert.ok(
    matrixFaults({ ...input, streams }).includes('tcp to raw: reset by the backend: neither a case nor a reason'),
  );
});
