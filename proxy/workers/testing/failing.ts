/** A worker thread that a test can harm: `throw` ends it by an exception that nobody catches, `block` holds its event loop
 * for that long, `slow` again and again, with a turn between. */
import { BroadcastChannel, parentPort } from 'node:worker_threads';
import type { ToWorker } from '../messages.ts';
import { serveWorker } from '../worker.ts';

export interface Harm {
  readonly engine: number;
  readonly kind: 'throw' | 'block' | 'slow';
  readonly ms?: number;
  readonly times?: number;
}

/** Tests post a `Harm` there. */
export const HARM_CHANNEL = 'weft-harm';

function slow(ms: number, times: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
  if (times > 1) setImmediate(slow, ms, times - 1);
}

if (parentPort !== null) {
  let engine = 0;
  parentPort.on('message', (message: ToWorker) => {
    if (message.kind === 'start') ({ engine } = message);
  });
  const channel = new BroadcastChannel(HARM_CHANNEL);
  channel.onmessage = (event: unknown): void => {
    const harm = (event as { readonly data: Harm }).data;
    if (harm.engine !== engine) return;
    if (harm.kind === 'throw') throw new Error('harmed by a test');
    slow(harm.ms ?? 0, harm.kind === 'slow' ? (harm.times ?? 1) : 1);
  };
  serveWorker(parentPort);
}
