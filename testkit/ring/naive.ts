/**
 * A proxy as one would write it in an hour, to show that the ring finds what it is for: it believes Content-Length before Transfer-Encoding, looks
 * for them without a care for spelling, and sends on what it got.
 */
import net from 'node:net';
import { OctetQueue } from './octet-queue.ts';
import { listening, type RunningServer } from './recorder.ts';
import { FROM } from './seen.ts';

export async function startNaiveProxy(upstream: number): Promise<RunningServer> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    const queue = new OctetQueue();
    const behind = net.connect({ host: '127.0.0.1', port: upstream });
    const from = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`;
    for (const one of [socket, behind]) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(one);
        socket.destroy();
        behind.destroy();
      });
    }
    behind.pipe(socket);
    socket.on('data', (chunk) => {
      queue.push(chunk);
      for (let end = requestEnd(queue.bytes); end > 0; end = requestEnd(queue.bytes)) {
        const text = queue.bytes.toString('latin1', 0, end);
        queue.skip(end);
        behind.write(Buffer.from(text.replace('\r\n', `\r\n${FROM}: ${from}\r\n`), 'latin1'));
      }
    });
    socket.on('end', () => socket.destroy());
  });
  return listening(server, open);
}

/** Octets of the first request; 0: more must come. */
function requestEnd(bytes: Buffer): number {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return 0;
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase();
  const start = headEnd + 4;
  const length = /content-length:\s*(\d+)/.exec(head)?.[1];
  if (length !== undefined) return start + Number(length) > bytes.length ? 0 : start + Number(length);
  if (!head.includes('chunked')) return start;
  const last = bytes.indexOf('0\r\n\r\n', start);
  return last < 0 ? 0 : last + 5;
}
