/**
 * What `weft explain` says and what running engines do: `npm run bench -- agree [--meshes N] [--requests N] [--seed N] [--first N] [--engine
 * weft|envoy] [--with FEATURE]... [--show N]`. Generates meshes of every kind of route and policy, and requests to them; asks the answers' own
 * code; runs what is compiled for callers, called workloads and a Gateway in our engine and in Envoy, over mutual TLS; compares status, rule,
 * backend, location, the policy that refused, and what the application got. `--with` says what every mesh has (generate/index.ts, Features),
 * `--show N` prints mesh N of the seed. What did not come again without the crowd is told apart. Ends with 1 where they disagree, or an engine did not start for some.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { agreement, type RunningEngine, shown } from './agreement/index.ts';

const { values: flags } = parseArgs({
  options: {
    meshes: { type: 'string', default: '1000' },
    requests: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    batch: { type: 'string', default: '100' },
    engine: { type: 'string' },
    show: { type: 'string' },
    with: { type: 'string', multiple: true, default: [] },
  },
});

const engines: readonly RunningEngine[] =
  flags.engine === undefined ? ['weft', 'envoy'] : [flags.engine === 'envoy' ? 'envoy' : 'weft'];
const [seed, requests] = [Number(flags.seed), Number(flags.requests)];
if (flags.show === undefined) {
  const began = performance.now();
  const report = await agreement({
    seed,
    requests,
    first: Number(flags.first),
    meshes: Number(flags.meshes),
    batch: Number(flags.batch),
    engines,
    given: flags.with,
    progress: (done, found, missed) => {
      process.stderr.write(`\r${done} meshes`);
      for (const { engine, mesh, request, what } of found)
        process.stdout.write(`\n  ${engine}, mesh ${mesh}, request ${request}: ${what}\n`);
      for (const { engine, from, meshes, reason } of missed)
        process.stdout.write(
          `\n  ${engine}, ${meshes} meshes from ${from}: not asked, as it did not start: ${reason}\n`,
        );
    },
  });
  process.stderr.write('\n');
  for (const { engine, mesh, request, what } of report.passing)
    process.stdout.write(`  did not come again: ${engine}, mesh ${mesh}, request ${request}: ${what}\n`);
  const ends = [...report.outcomes].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name}: ${count}`);
  const missed = engines.map((engine) => {
    const count = report.missed.reduce((sum, one) => sum + (one.engine === engine ? one.meshes : 0), 0);
    return count === 0 ? '' : `, ${count} meshes that ${engine} was not asked`;
  });
  process.stdout.write(
    `seed ${seed}: ${report.meshes} meshes, ${report.requests} requests to each engine in ${((performance.now() - began) / 1000).toFixed(0)} s (${ends.join(', ')}); ${report.disagreements.length} disagreements, ${report.passing.length} that did not come again${missed.join('')}\n`,
  );
  process.exitCode = report.disagreements.length + report.missed.length === 0 ? 0 : 1;
} else process.stdout.write(`${await shown(seed, Number(flags.show), requests, flags.with)}\n`);
