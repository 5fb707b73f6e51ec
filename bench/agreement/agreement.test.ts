/** A small part of `npm run bench -- agree`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tool } from '@weft/testkit/tools';
import { agreement } from './index.ts';

const seed = 20;

test(`explain and the engines agree on 300 requests to 60 meshes of seed ${seed}`, async () => {
  const engines = tool('envoy') === undefined ? (['weft'] as const) : (['weft', 'envoy'] as const);
  const report = await agreement({ seed, meshes: 60, requests: 5, engines, batch: 60 });
  assert.deepEqual(report.disagreements, []);
  assert.equal(report.requests, 300);
  // What is compared is worth comparing: answers of backends, refusals by rules, no route, a redirect.
  for (const outcome of ['200', '403', '404', '303'])
    assert.ok(
      [...report.outcomes.keys()].some((name) => name.startsWith(outcome)),
      `no ${outcome}`,
    );
});
