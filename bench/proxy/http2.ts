/**
 * HTTP/2 without TLS on both sides: CPU a request of 8 connections with 16 streams each, plain and as unary gRPC calls (a posted message, an
 * answer with trailers), and CPU milliseconds a GB of large answers, plain and as gRPC messages of 1 MB.
 */
import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ENGINES, LOAD_CORE } from './contenders.ts';
import { BODY_TEXT } from './http1.ts';
import { h2load } from './load.ts';
import { cpuOf, memoryOf, Rig, type UnderTest } from './rig.ts';
import { type Bench, type BenchRow, row } from './rows.ts';

const LARGE = 100_000_000;
const MESSAGE = 1_000_000;

/** A gRPC message of `size` octets: not compressed, length, octets. */
function message(size: number): Buffer {
  const framed = Buffer.alloc(5 + size, 0x78);
  framed[0] = 0;
  framed.writeUInt32BE(size, 1);
  return framed;
}

export const HTTP2: Bench = {
  name: 'http2',
  async run({ quick }) {
    await using rig = new Rig();
    const [, backend] = await rig.nginx(
      LOAD_CORE,
      (port) => `server { listen 127.0.0.1:${port} http2; location /api/body { alias ${path.join(rig.folder, 'body')}; }
  location /api/unary { default_type application/grpc; add_trailer grpc-status 0; return 200 '${BODY_TEXT}'; }
  location /api/stream { default_type application/grpc; alias ${path.join(rig.folder, 'stream')}; add_trailer grpc-status 0; }
  location / { default_type text/plain; return 200 '${BODY_TEXT}'; } }`,
    );
    const file = openSync(path.join(rig.folder, 'body'), 'w');
    ftruncateSync(file, LARGE);
    closeSync(file);
    writeFileSync(
      path.join(rig.folder, 'stream'),
      Buffer.concat(Array.from({ length: 100 }, () => message(MESSAGE - 5))),
    );
    const call = path.join(rig.folder, 'call');
    writeFileSync(call, message(100));
    const all: UnderTest[] = [];
    for (const engine of ENGINES) all.push(await rig.engine(engine, { backend, http2: true }));
    const small = ['-c8', '-m16', '-D', quick ? '2' : '5'];
    const large = ['-c1', '-m1', '-w24', '-W26', '-n', quick ? '5' : '20'];
    const requests = await measured(all, quick, '/api/x', small);
    const grpc = ['-H', 'content-type: application/grpc', '-H', 'te: trailers'];
    const calls = await measured(all, quick, '/api/unary', [...small, '-d', call, ...grpc]);
    const memory = new Map(all.map((one) => [one.contender, [memoryOf(one)]]));
    const bodies = await measured(all, quick, '/api/body', large);
    const streams = await measured(all, quick, '/api/stream', [...large, ...grpc]);
    const perGigabyte = (costs: ReadonlyMap<string, readonly number[]>): Map<string, number[]> =>
      new Map([...costs].map(([name, us]) => [name, us.map((each) => each / 1000 / (LARGE / 1e9))]));
    const rows: BenchRow[] = [
      row('http2', 'CPU us/request', requests),
      row('grpc-unary', 'CPU us/call', calls),
      row('http2-memory', 'MB resident after load', memory),
      row('bodies-http2', 'CPU ms/GB', perGigabyte(bodies)),
      row('grpc-streaming', 'CPU ms/GB', perGigabyte(streams)),
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
