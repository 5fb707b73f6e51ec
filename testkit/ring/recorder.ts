/** Servers at the end of the ring: they say in each answer, by number, what they understood. One reads only the strictest form, one is Node's own. */
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { readMessage } from '../attacks/message.ts';
import { OctetQueue } from './octet-queue.ts';
import type { Field } from './payload.ts';
import { http2Seen, type Memory, SAW, seenOf } from './seen.ts';

export interface RunningServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** `fault` hears of octets that are no strict request: what stands in front forwards oddly. */
export async function startRecorder(memory: Memory, fault: (text: string) => void): Promise<RunningServer> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    const queue = new OctetQueue();
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    socket.on('data', (chunk) => {
      queue.push(chunk);
      while (queue.bytes.length > 0) {
        const reading = readMessage(queue.bytes, { kind: 'request' });
        if (reading === 'more') return;
        if ('fault' in reading) {
          fault(reading.fault);
          socket.destroy();
          return;
        }
        queue.skip(reading.size);
        const seen = seenOf(reading);
        socket.write(answer(seen.method, memory.keep(seen)));
      }
    });
  });
  return listening(server, open);
}

/** Every other answer is in chunks. */
function answer(method: string, number: number): string {
  const head = `HTTP/1.1 200 OK\r\n${SAW}: ${number}\r\n`;
  const body = `saw ${number}`;
  if (method === 'HEAD') return `${head}content-length: ${body.length}\r\n\r\n`;
  return number % 2 === 0
    ? `${head}content-length: ${body.length}\r\n\r\n${body}`
    : `${head}transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
}

export async function startNode(memory: Memory): Promise<RunningServer> {
  const server = http.createServer(
    { maxHeaderSize: 256 * 1024, keepAliveTimeout: 0, requestTimeout: 0 },
    (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (chunk: Buffer) => void parts.push(chunk));
      request.on('error', () => {});
      request.on('end', () => {
        const fields = request.rawHeaders.flatMap((name, index, all): [string, string][] =>
          index % 2 === 0 ? [[name.toLowerCase(), (all[index + 1] ?? '').trim()]] : [],
        );
        const number = memory.keep({
          method: request.method ?? '',
          target: request.url ?? '',
          host: request.headers.host ?? '',
          body: Buffer.concat(parts).toString('latin1'),
          fields,
        });
        response.setHeader(SAW, number);
        response.end(`saw ${number}`);
      });
    },
  );
  server.headersTimeout = 0;
  const open = new Set<net.Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  return listening(server, open);
}

/** Node's own HTTP/2, with prior knowledge. */
export async function startNodeHttp2(memory: Memory): Promise<RunningServer> {
  const open = new Set<net.Socket>();
  const server = http2.createServer();
  server.on('session', ({ socket }) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
  });
  server.on('stream', (stream, _, __, raw) => {
    const fields = raw.flatMap((name, index): Field[] =>
      index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? '']] : [],
    );
    const parts: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => void parts.push(chunk));
    stream.on('error', () => {});
    stream.on('end', () => {
      if (stream.destroyed) return;
      const number = memory.keep(http2Seen(fields, Buffer.concat(parts).toString('latin1')));
      stream.respond({ ':status': 200, [SAW]: String(number) });
      stream.end(`saw ${number}`);
    });
  });
  server.on('sessionError', () => {});
  return listening(server, open);
}

export async function listening(server: net.Server, open: ReadonlySet<net.Socket>): Promise<RunningServer> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
