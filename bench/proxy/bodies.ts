/** CPU milliseconds a GB of large bodies: 100 MB answers through HTTP/1.1 and through plain TCP proxying, one connection. */
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import path from 'node:path';
import { command } from '@weft/testkit/mesh';
import { ENGINES, LOAD_CORE } from './contenders.ts';
import { nginxProxy } from './http1.ts';
import { cpuOf, Rig } from './rig.ts';
import { type Bench, type BenchRow, row } from './rows.ts';

const BODY = 100_000_000;

export const BODIES: Bench = {
  name: 'bodies',
  async run({ quick }) {
    await using rig = new Rig();
    const [, backend] = await rig.nginx(
      LOAD_CORE,
      (port) => `server { listen 127.0.0.1:${port}; location / { root ${rig.folder}; try_files /body =404; } }`,
    );
    const file = openSync(path.join(rig.folder, 'body'), 'w');
    ftruncateSync(file, BODY);
    closeSync(file);
    const rows: BenchRow[] = [];
    for (const protocol of ['http', 'tcp'] as const) {
      const all = [];
      for (const engine of ENGINES) all.push(await rig.engine(engine, { backend, protocol }));
      if (protocol === 'http') all.push(...(await nginxProxy(rig, backend)));
      const costs = new Map<string, number[]>(all.map(({ contender }) => [contender, []]));
      for (let run = 0; run < (quick ? 3 : 5); run += 1) {
        for (const one of all) {
          const before = cpuOf(one);
          const bytes = await download(one.port, quick ? 5 : 20);
          costs.get(one.contender)?.push((cpuOf(one) - before) / 1000 / (bytes / 1e9));
        }
      }
      rows.push(row(protocol === 'http' ? 'bodies-http1' : 'bodies-tcp', 'CPU ms/GB', costs));
    }
    return rows;
  },
};

/** Fetches the body `times` times on one connection; the bytes that arrived. */
async function download(port: number, times: number): Promise<number> {
  const url = `http://127.0.0.1:${port}/api/body?[1-${times}]`;
  const flags = ['-s', '-S', '-f', '-o', '/dev/null', '-w', '%{size_download}\\n'];
  const outcome = await command('taskset', ['-c', LOAD_CORE, 'curl', ...flags, url]);
  const bytes = outcome.stdout
    .trim()
    .split('\n')
    .reduce((sum, line) => sum + Number(line), 0);
  if (bytes !== times * BODY) throw new Error(`curl got ${bytes} bytes: ${outcome.stderr}`);
  return bytes;
}
