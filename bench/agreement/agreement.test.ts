/** A small part of `npm run bench -- agree`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tool } from '@weft/testkit/tools';
import { agreement } from './index.ts';

const seed = 20;

test(`explain and the engines agree on 480 requests to 80 meshes of seed ${seed}`, async () => {
  const engines = tool('envoy') === undefined ? (['weft'] as const) : (['weft', 'envoy'] as const);
  const report = await agreement({ seed, meshes: 80, requests: 6, engines, batch: 80 });
  assert.deepEqual(report.disagreements, []);
  assert.deepEqual(report.missed, []);
  assert.equal(report.requests, 480);
  // What is compared is worth comparing: answers of backends, refusals by rules, no route, a redirect.
  for (const outcome of ['200', '401', '403', '404', '503', '301', '0'])
    assert.ok(
      [...report.outcomes.keys()].some((name) => name.startsWith(outcome)),
      `no ${outcome}`,
    );
});
