/**
 * The differential ring in short (`npm run bench -- ring` is the long form): hostile requests through our engines to nginx, HAProxy, Envoy and Node,
 * which must all understand the one request that was routed, and answers of a hostile server to clients that must all see the one answer. Judges that
 * are absent are left out, visibly.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import {
  answerOf,
  AnswerRing,
  type PathReport,
  payloadOf,
  presentBackends,
  readPayloads,
  Ring,
  RING_PATHS,
  runPath,
  startNaiveProxy,
} from '@weft/testkit/ring';
import { needs } from '@weft/testkit/tools';

const corpus = readPayloads(readFileSync(path.join(import.meta.dirname, 'ring/corpus.jsonl'), 'utf8'));
const said = ({ disagreements, strays }: PathReport): string[] => [
  ...disagreements.map(({ index, faults, payload }) => `${index}: ${faults.join('; ')}: ${payload}`),
  ...strays,
];

for (const name of ['nginx', 'haproxy', 'envoy', 'curl'])
  test(`${name} takes part in the ring`, { skip: needs(name) }, () => {});

describe(`the ring with ${presentBackends().join(', ')}`, () => {
  for (const one of RING_PATHS) {
    const skip = one.hops.includes('weft/1') && needs('openssl');
    const [count, least] = one.way === 'requests' ? [300, 30] : [120, 12];
    const seed = randomInt(2 ** 31);
    test(`${one.name}: generated payloads, the same each time and others of seed ${seed}`, { skip }, async () => {
      for (const from of [1, seed]) {
        using folder = temporaryFolder();
        const report = await runPath(one, folder.path, { seed: from, count, lanes: 24 });
        assert.deepEqual(said(report), []);
        assert.equal(report.payloads, count);
        assert.ok(report.whole > least && report.refused > least, `whole ${report.whole}, refused ${report.refused}`);
      }
    });
    if (one.way === 'requests')
      test(`${one.name}: payloads that once made a difference`, { skip }, async () => {
        using folder = temporaryFolder();
        const report = await runPath(one, folder.path, { seed: 1, listed: corpus, count: corpus.length });
        assert.deepEqual(said(report), []);
        assert.equal(report.payloads, corpus.length);
      });
  }
});

test('a naive proxy is caught', async () => {
  using folder = temporaryFolder();
  const ring = await Ring.start(folder.path, { front: startNaiveProxy, patience: 700 });
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

test('a naive proxy is caught by its answers', async () => {
  using folder = temporaryFolder();
  const ring = await AnswerRing.start({
    front: startNaiveProxy,
    protocol: 'http1',
    folder: folder.path,
    versions: ['http1'],
    patience: 500,
  });
  try {
    const report = await ring.run((index) => answerOf(1, index, 'http1'), 200, { most: 5 });
    assert.equal(report.disagreements.length >= 5, true, 'nothing was found');
  } finally {
    await ring.stop();
  }
});
