/** Which answers outlier detection takes for failed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnswerMatcher, type Cluster, PLAIN_CLUSTER } from '@weft/core/proxy-config';
import { FieldBlock, latin1 } from '@weft/wire/http1';
import { failedAnswers } from './answer-matcher.ts';
import { judgedStatus } from './grpc.ts';

const head = (fields: Readonly<Record<string, string>>): FieldBlock => {
  const block = new FieldBlock(100, latin1);
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const octets = Buffer.from(`${lines.join('')}\r\n`, 'latin1');
  block.reset(0);
  assert.equal(block.parse(octets, octets.length), octets.length);
  return block;
};

const header = (name: string, start: number, end: number): AnswerMatcher => ({
  kind: 'headers',
  headers: [{ name, match: { kind: 'range', start, end }, invert: false, treatMissingAsEmpty: false }],
});

const answers = (errorMatcher: AnswerMatcher | undefined, grpcFailures: readonly number[] | undefined) =>
  failedAnswers({
    ...PLAIN_CLUSTER,
    ...(errorMatcher === undefined ? {} : { errorMatcher }),
    outlierDetection: grpcFailures === undefined ? undefined : { own: { grpcFailures } },
  } as unknown as Cluster);

test('without a word of the cluster answers are what they say', () => {
  assert.equal(answers(undefined, undefined), undefined);
  assert.equal(judgedStatus(502, head({}), false, undefined), 502);
  assert.equal(judgedStatus(200, head({ 'grpc-status': '14' }), true, undefined), 503);
  assert.equal(judgedStatus(200, head({ 'grpc-status': '14' }), false, undefined), 200);
});

test('a matcher decides what failed', () => {
  const matcher: AnswerMatcher = {
    kind: 'and',
    rules: [
      { kind: 'or', rules: [header(':status', 400, 500), header('x-code', 7, 8)] },
      { kind: 'not', rule: header(':status', 404, 405) },
      { kind: 'any' },
    ],
  };
  const failed = answers(matcher, undefined);
  const judged = (status: number, fields: Readonly<Record<string, string>> = {}): number =>
    judgedStatus(status, head(fields), false, failed);
  assert.deepEqual([judged(429), judged(404), judged(500), judged(200)], [500, 200, 200, 200]);
  assert.deepEqual([judged(200, { 'x-code': '7' }), judged(200, { 'x-code': '8' })], [500, 200]);
  // Of gRPC what is in the head goes before it.
  assert.equal(judgedStatus(429, head({ 'grpc-status': '0' }), true, failed), 200);
  assert.equal(judgedStatus(429, head({}), true, failed), 500);
});

test('gRPC statuses that are named failed, and no others', () => {
  const failed = answers(undefined, [5]);
  const judged = (code: number): number => judgedStatus(200, head({ 'grpc-status': String(code) }), true, failed);
  assert.deepEqual([judged(5), judged(14), judged(0)], [500, 200, 200]);
  assert.equal(judgedStatus(503, head({}), true, failed), 503);
});
