/** CPU a request of HTTP/1.1 with 64 connections and 1 kB: through one engine, with a JSON access log, and through two with mTLS. */
import path from 'node:path';
import { freePort } from '@weft/testkit/ports';
import { tool } from '@weft/testkit/tools';
import { accepting, ENGINES, LOAD_CORE, PROXY_CORE, startHaproxy } from './contenders.ts';
import { wrk } from './load.ts';
import { cpuOf, memoryOf, Rig, type UnderTest } from './rig.ts';
import { type Bench, type BenchOptions, type BenchRow, row } from './rows.ts';

const CONNECTIONS = 64;
export const BODY_TEXT = 'x'.repeat(1000);

/** An nginx that answers 1 kB from memory, on the load's core. */
export const smallAnswers = async (rig: Rig): Promise<number> =>
  (
    await rig.nginx(
      LOAD_CORE,
      (port) =>
        `server { listen 127.0.0.1:${port} backlog=4096; location / { default_type text/plain; return 200 '${BODY_TEXT}'; } }`,
    )
  )[1];

export async function nginxProxy(rig: Rig, backend: number): Promise<UnderTest[]> {
  if (tool('nginx') === undefined) return [];
  const [running, port] = await rig.nginx(
    PROXY_CORE,
    (own) => `upstream up { server 127.0.0.1:${backend}; keepalive 128; }
  server { listen 127.0.0.1:${own} backlog=4096; location /api/ { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://up; } }`,
  );
  return [{ contender: 'nginx', port, processes: [running] }];
}

async function haproxy(rig: Rig, backend: number): Promise<UnderTest[]> {
  if (tool('haproxy') === undefined) return [];
  const port = await freePort();
  const running = rig.keep(startHaproxy(path.join(rig.folder, 'haproxy'), port, backend));
  await accepting(port, running);
  return [{ contender: 'haproxy', port, processes: [running] }];
}

/** Interleaved runs over all; the CPU of the proxies over the requests that the client counted, and their memory afterwards. */
async function costs(name: string, all: readonly UnderTest[], { quick }: BenchOptions): Promise<readonly BenchRow[]> {
  const url = ({ port }: UnderTest): string => `http://127.0.0.1:${port}/api/x`;
  for (const one of all) await wrk(url(one), CONNECTIONS, quick ? 1 : 2);
  const cpu = new Map<string, number[]>(all.map(({ contender }) => [contender, []]));
  for (let run = 0; run < (quick ? 3 : 5); run += 1) {
    for (const one of all) {
      const before = cpuOf(one);
      const load = await wrk(url(one), CONNECTIONS, quick ? 2 : 5);
      if (load.errors > 0) throw new Error(`${one.contender}: ${load.errors} errors`);
      cpu.get(one.contender)?.push((cpuOf(one) - before) / load.requests);
    }
  }
  const memory = new Map(all.map((one) => [one.contender, [memoryOf(one)]]));
  return [row(name, 'CPU us/request', cpu), row(`${name}-memory`, 'MB resident after load', memory)];
}

export const HTTP1: Bench = {
  name: 'http1',
  async run(options) {
    await using rig = new Rig();
    const backend = await smallAnswers(rig);
    const all = [];
    for (const engine of ENGINES) all.push(await rig.engine(engine, { backend }));
    all.push(...(await nginxProxy(rig, backend)), ...(await haproxy(rig, backend)));
    return await costs('http1', all, options);
  },
};

export const HTTP1_JSON_LOG: Bench = {
  name: 'http1-json-log',
  async run(options) {
    await using rig = new Rig();
    const backend = await smallAnswers(rig);
    const all = [];
    for (const engine of ENGINES) all.push(await rig.engine(engine, { backend, log: true }));
    return await costs('http1-json-log', all, options);
  },
};

export const TWO_ENGINES: Bench = {
  name: 'two-engines',
  async run(options) {
    await using rig = new Rig();
    const backend = await smallAnswers(rig);
    const all = [];
    for (const engine of ENGINES) all.push(await rig.pair(engine, backend));
    return await costs('two-engines-mtls', all, options);
  },
};
