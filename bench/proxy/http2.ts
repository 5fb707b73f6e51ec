/** HTTP/2 without TLS on both sides: CPU a request of 8 connections with 16 streams each, and CPU milliseconds a GB of large answers. */
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import path from 'node:path';
import { ENGINES, LOAD_CORE } from './contenders.ts';
import { BODY_TEXT } from './http1.ts';
import { h2load } from './load.ts';
import { cpuOf, memoryOf, Rig, type UnderTest } from './rig.ts';
import { type Bench, type BenchRow, row } from './rows.ts';

const LARGE = 100_000_000;

export const HTTP2: Bench = {
  name: 'http2',
  async run({ quick }) {
    await using rig = new Rig();
    const [, backend] = await rig.nginx(
      LOAD_CORE,
      (port) => `server { listen 127.0.0.1:${port} http2; location /api/body { alias ${path.join(rig.folder, 'body')}; }
  location / { default_type text/plain; return 200 '${BODY_TEXT}'; } }`,
    );
    const file = openSync(path.join(rig.folder, 'body'), 'w');
    ftruncateSync(file, LARGE);
    closeSync(file);
    const all: UnderTest[] = [];
    for (const engine of ENGINES) all.push(await rig.engine(engine, { backend, http2: true }));
    const small = ['-c8', '-m16', '-D', quick ? '2' : '5'];
    const large = ['-c1', '-m1', '-w24', '-W26', '-n', quick ? '5' : '20'];
    const requests = await measured(all, quick, '/api/x', small);
    const memory = new Map(all.map((one) => [one.contender, [memoryOf(one)]]));
    const bodies = await measured(all, quick, '/api/body', large);
    const perGigabyte = new Map([...bodies].map(([name, us]) => [name, us.map((each) => each / 1000 / (LARGE / 1e9))]));
    const rows: BenchRow[] = [
      row('http2', 'CPU us/request', requests),
      row('http2-memory', 'MB resident after load', memory),
      row('bodies-http2', 'CPU ms/GB', perGigabyte),
    ];
    return rows;
  },
};

/** CPU microseconds a request, interleaved runs, the first one thrown away. */
async function measured(
  all: readonly UnderTest[],
  quick: boolean,
  target: string,
  flags: readonly string[],
): Promise<Map<string, number[]>> {
  const costs = new Map<string, number[]>(all.map(({ contender }) => [contender, []]));
  for (let run = 0; run <= (quick ? 3 : 5); run += 1) {
    for (const one of all) {
      const before = cpuOf(one);
      const count = await h2load(`http://127.0.0.1:${one.port}${target}`, flags);
      if (run > 0) costs.get(one.contender)?.push((cpuOf(one) - before) / count);
    }
  }
  return costs;
}
