/**
 * Free ports of loopback, each given once, also among processes: a process takes blocks of ports by listening on the first of each for as
 * long as it lives. They end below 20,000, where `weft run` begins to take its own, and so below the range that systems take source ports
 * from (Linux: 32,768 and up): between the question and the use nobody else takes one.
 */
import { randomInt } from 'node:crypto';
import net from 'node:net';

const FIRST = 10_000;
const END = 20_000;
const BLOCK = 100;

let left: number[] = [];
let taking: Promise<void> | undefined;

export async function freePort(): Promise<number> {
  for (;;) {
    const port = left.pop();
    if (port === undefined) await takeBlock();
    else if ((await accepts('127.0.0.1', port)) && (await accepts('::1', port))) return port;
  }
}

/** The first of `count` free ports in a row, at most 99. */
export async function portsInARow(count: number): Promise<number> {
  for (;;) {
    if (left.length < count) await takeBlock();
    const row = left.splice(0, count);
    const [first] = row;
    const free = await Promise.all(row.map((port) => accepts('127.0.0.1', port)));
    if (first !== undefined && free.every(Boolean)) return first;
  }
}

export const freePorts = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, freePort));

const takeBlock = (): Promise<void> => (taking ??= takeAny().finally(() => (taking = undefined)));

async function takeAny(): Promise<void> {
  const blocks = (END - FIRST) / BLOCK;
  const start = randomInt(blocks);
  for (let i = 0; i < blocks; i++) {
    const guard = FIRST + ((start + i) % blocks) * BLOCK;
    const server = await listening('127.0.0.1', guard);
    if (!(server instanceof net.Server)) continue;
    server.unref();
    left = Array.from({ length: BLOCK - 1 }, (_, index) => guard + 1 + index);
    return;
  }
  throw new Error(`no block of ports is free between ${FIRST} and ${END}`);
}

/** Whether one can listen there; without IPv6 the answer is yes. */
async function accepts(host: string, port: number): Promise<boolean> {
  const server = await listening(host, port);
  if (!(server instanceof net.Server)) return server.code !== 'EADDRINUSE' && server.code !== 'EACCES';
  await new Promise((resolve) => server.close(resolve));
  return true;
}

const listening = (host: string, port: number): Promise<net.Server | NodeJS.ErrnoException> =>
  new Promise((resolve) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
