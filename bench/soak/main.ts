/** `node bench/soak/main.ts [--minutes N] [--engine weft|envoy|mixed] [--rate N] [--json FILE] [--logs FOLDER]`: exit code 0 when nothing is wrong. */
import { parseArgs } from 'node:util';
import { type Engines, soak } from './index.ts';

const ENGINES: readonly Engines[] = ['weft', 'envoy', 'mixed'];

/** The exit code: 0 nothing is wrong, 1 something is, 2 the flags are. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      engine: { type: 'string', default: 'weft' },
      rate: { type: 'string', default: '200' },
      json: { type: 'string' },
      logs: { type: 'string' },
    },
  });
  const engine = ENGINES.find((name) => name === values.engine);
  const minutes = Number(values.minutes);
  const rate = Number(values.rate);
  if (engine === undefined || !(minutes > 0) || !(rate > 0)) {
    process.stderr.write('soak: [--minutes N] [--engine weft|envoy|mixed] [--rate N] [--json FILE] [--logs FOLDER]\n');
    return 2;
  }
  return (await soak({ minutes, engine, rate, json: values.json, logs: values.logs })) ? 0 : 1;
}

process.exitCode = await main();
