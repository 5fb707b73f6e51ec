/** `npm run bench -- NAME [flags]`: picks the benchmark. */
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, json: { type: 'string' } },
});

switch (positionals[0]) {
  case 'proxy':
    await (await import('./proxy/index.ts')).benchProxy({ quick: values.quick, only: values.only, json: values.json });
    break;
  default:
    process.stderr.write('bench: npm run bench -- proxy [--quick] [--only NAME] [--json FILE]\n');
    process.exitCode = 2;
}
