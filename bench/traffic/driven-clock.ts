/**
 * Loaded into the control plane before its program (`node --import`): its clocks stand for whoever drives them, so that minutes of reports go by
 * as fast as they are taken in. Each line on the socket is a number of ms to move on; the answer is the process's memory by then. Until the first
 * line time goes on as it does.
 */
import { existsSync, unlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { isMainThread } from 'node:worker_threads';
import { systemMonotonicClock, systemWallClock } from '@weft/proxy/time';
import { FakeClock } from '@weft/testkit/clock';

/** Path of the socket. */
export const CLOCK_SOCKET = 'WEFT_BENCH_CLOCK';

export interface Moment {
  /** Octets. */
  readonly heap: number;
  readonly heapTotal: number;
  readonly arrayBuffers: number;
}

const path = process.env[CLOCK_SOCKET];
if (path !== undefined && isMainThread && process.argv.includes('up')) drive(path);

function drive(socketPath: string): void {
  const clock = new FakeClock(Date.now());
  const began = performance.now();
  const idle = setInterval(() => clock.advance(Math.floor(performance.now() - began) - clock.now()), 20);
  Object.assign(systemMonotonicClock, {
    now: () => clock.now(),
    after: (delay: number, callback: () => void) => clock.after(delay, callback),
  });
  Object.assign(systemWallClock, { now: () => clock.wall.now() });
  if (existsSync(socketPath)) unlinkSync(socketPath);
  createServer((socket) => {
    clearInterval(idle);
    createInterface({ input: socket }).on('line', (line) => {
      clock.advance(Number(line));
      const { heapUsed, heapTotal, arrayBuffers } = process.memoryUsage();
      socket.write(`${JSON.stringify({ heap: heapUsed, heapTotal, arrayBuffers } satisfies Moment)}\n`);
    });
  })
    .listen(socketPath)
    .unref();
}
