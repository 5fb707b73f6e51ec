/**
 * Free ports of loopback, below the range that systems take source ports from (Linux: 32768 and up): between the question and the use no
 * outgoing connection can take one. Each is given once per process, so tests in one process do not meet.
 */
import { randomInt } from 'node:crypto';
import net from 'node:net';

const FIRST = 10_000;
const LAST = 32_767;
const given = new Set<number>();

export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST + 1);
    if (given.has(port)) continue;
    given.add(port);
    if ((await accepts('127.0.0.1', port)) && (await accepts('::1', port))) return port;
  }
}

export const freePorts = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, freePort));

/** Whether one can listen there; without IPv6 the answer is yes. */
const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'),
    );
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
