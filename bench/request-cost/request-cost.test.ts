/**
 * What a request costs the published build, started as users start it, stays well below what it costs the plainest proxy of Node's own modules beside it.
 * Found are costs that became two to three times as high, whether by code, by flags of V8 or by what a start does; smaller ones need `npm run bench -- proxy`.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { described, LOADS, RequestCosts } from './index.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** One measurement on a busy machine proves nothing: what is dear is so again. */
const MEASUREMENTS = 3;

describe('CPU a request', () => {
  const folder = temporaryFolder();
  before(
    () => {
      // Its `weft` finds Node by PATH.
      process.env['PATH'] = [path.dirname(process.execPath), process.env['PATH'] ?? ''].join(path.delimiter);
      if (process.env['WEFT_PROGRAM'] !== undefined) return;
      const target = path.join(folder.path, 'weft');
      const build = ['--disable-warning=ExperimentalWarning', path.join(ROOT, 'scripts/build.mjs'), '--out', target];
      execFileSync(process.execPath, build);
      process.env['WEFT_PROGRAM'] = path.join(target, 'bin/weft');
    },
    { timeout: 120_000 },
  );
  after(() => folder[Symbol.dispose]());

  for (const protocol of ['http1', 'http2'] as const) {
    describe(protocol, () => {
      let costs: RequestCosts | undefined;
      before(async () => {
        costs = await RequestCosts.start(protocol);
      });
      after(() => costs?.[Symbol.asyncDispose]());
      for (const [name, load] of Object.entries(LOADS).filter(([, one]) => one.protocol === protocol))
        test(`${name}: at most ${load.most} of Node's own modules`, { timeout: 120_000 }, async (context) => {
          assert.ok(costs !== undefined);
          const seen: string[] = [];
          let least = Number.POSITIVE_INFINITY;
          while (seen.length < MEASUREMENTS && least > load.most) {
            const cost = await costs.measure(load);
            least = Math.min(least, cost.ratio);
            seen.push(described(name, cost));
          }
          for (const line of seen) context.diagnostic(line);
          assert.ok(least <= load.most, seen.join('\n'));
        });
    });
  }
});
