/**
 * The differential ring in short (`npm run bench -- ring` is the long form): hostile requests through our engine to nginx, HAProxy, Envoy and Node,
 * which must all understand the one request that was routed. Backends that are absent are left out, visibly.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import {
  payloadOf,
  payloadText,
  presentBackends,
  readPayloads,
  type Report,
  Ring,
  startNaiveProxy,
} from '@weft/testkit/ring';
import { needs } from '@weft/testkit/tools';

const corpus = readPayloads(readFileSync(path.join(import.meta.dirname, 'ring/corpus.jsonl'), 'utf8'));
const said = ({ disagreements, strays }: Report): string[] => [
  ...disagreements.map(({ index, faults, payload }) => `${index}: ${faults.join('; ')}: ${payloadText(payload)}`),
  ...strays,
];

describe(`the ring with ${presentBackends().join(', ')} behind the engine`, () => {
  const folder = temporaryFolder();
  let ring: Ring | undefined;
  before(async () => {
    ring = await Ring.start(folder.path);
  });
  after(async () => {
    await ring?.stop();
    folder[Symbol.dispose]();
  });
  const run = async (payload: Parameters<Ring['run']>[0], count: number): Promise<Report> => {
    assert.ok(ring);
    return ring.run(payload, count, { lanes: 24 });
  };

  for (const name of ['nginx', 'haproxy', 'envoy']) test(`${name} takes part`, { skip: needs(name) }, () => {});

  test('payloads that once made a difference', async () => {
    const report = await run((index) => corpus[index] ?? payloadOf(1, index), corpus.length);
    assert.deepEqual(said(report), []);
    assert.equal(report.payloads, corpus.length);
  });

  test('generated payloads, the same each time', async () => {
    const report = await run((index) => payloadOf(1, index), 600);
    assert.deepEqual(said(report), []);
    assert.ok(report.routed > 60 && report.refused > 60, `routed ${report.routed}, refused ${report.refused}`);
  });

  const seed = randomInt(2 ** 31);
  test(`generated payloads, others each time: seed ${seed}`, async () => {
    assert.deepEqual(said(await run((index) => payloadOf(seed, index), 600)), []);
  });
});

test('a naive proxy is caught', async () => {
  using folder = temporaryFolder();
  const ring = await Ring.start(folder.path, startNaiveProxy, 700);
  try {
    const report = await ring.run((index) => payloadOf(1, index - (index % 3 === 2 ? 1 : 0)), 300, {
      lanes: 24,
      most: 5,
    });
    assert.equal(report.disagreements.length >= 5, true, 'nothing was found');
  } finally {
    await ring.stop();
  }
});
