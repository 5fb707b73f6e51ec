/** Knocks at a port from a thread of its own, several times at once and over and over, until it is told to stop: what came of it, in order. */
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

/** `closed`: connected, and closed before an answer came. */
export type Knock = 'answered' | 'refused' | 'closed';

const AT_ONCE = 8;
const knocks: Knock[] = [];
let over = false;

const knock = (port: number): Promise<void> =>
  new Promise((resolve) => {
    let outcome: Knock = 'closed';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'));
    socket.once('data', () => {
      outcome = 'answered';
      socket.destroy();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') outcome = 'refused';
    });
    socket.once('close', () => {
      knocks.push(outcome);
      resolve();
    });
  });

async function keepKnocking(port: number): Promise<void> {
  while (!over) await knock(port);
}

parentPort?.once('message', () => (over = true));
const { port } = workerData as { readonly port: number };
void Promise.all(Array.from({ length: AT_ONCE }, () => keepKnocking(port))).then(() => parentPort?.postMessage(knocks));
parentPort?.postMessage('begun');
