/** The hostile server of the ring's other direction: the number in a request's path says what it answers. */
import net from 'node:net';
import { readMessage } from '../attacks/message.ts';
import {
  ACK,
  block,
  END_HEADERS,
  END_STREAM,
  frame,
  type Frame,
  PREFACE,
  settings,
  TYPES,
  uint32,
} from '../http2-frames/index.ts';
import type { Answer, Http1Answer, Http2Answer } from './answer-payload.ts';
import { FrameQueue, Sections } from './frame-queue.ts';
import { OctetQueue } from './octet-queue.ts';
import { listening, type RunningServer } from './recorder.ts';

export type Answers = (index: number) => Answer;

/** One port for each version: the engine knows by configuration which one it speaks. */
export function startHostile(protocol: Answer['protocol'], answers: Answers): Promise<RunningServer> {
  const open = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    if (protocol === 'http1') serveHttp1(socket, answers);
    else serveHttp2(socket, answers);
  });
  return listening(server, open);
}

const numberOf = (path: string): number => Number(/^\/(\d+)$/.exec(path)?.[1] ?? 0);

function serveHttp1(socket: net.Socket, answers: Answers): void {
  const queue = new OctetQueue();
  socket.on('data', (chunk) => {
    queue.push(chunk);
    while (queue.bytes.length > 0) {
      const reading = readMessage(queue.bytes, { kind: 'request' });
      if (reading === 'more') return;
      if ('fault' in reading) {
        socket.destroy();
        return;
      }
      queue.skip(reading.size);
      const answer = answers(numberOf(reading.line.split(' ')[1] ?? ''));
      if (answer.protocol === 'http1') void write(socket, answer);
    }
  });
}

async function write(socket: net.Socket, { text, cuts, closes }: Http1Answer): Promise<void> {
  let at = 0;
  for (const cut of [...cuts, text.length]) {
    if (socket.writable) socket.write(Buffer.from(text.slice(at, cut), 'latin1'));
    at = cut;
    if (at < text.length) await new Promise((resolve) => setImmediate(resolve));
  }
  if (closes) socket.end();
}

function serveHttp2(socket: net.Socket, answers: Answers): void {
  const frames = new FrameQueue(PREFACE.length);
  const sections = new Sections();
  socket.write(frame('SETTINGS', 0, 0, settings()));
  const take = (got: Frame): void => {
    const section = sections.take(got);
    if (got.type === TYPES.SETTINGS && (got.flags & ACK) === 0) socket.write(frame('SETTINGS', ACK, 0));
    else if (got.type === TYPES.PING && (got.flags & ACK) === 0) socket.write(frame('PING', ACK, 0, got.payload));
    else if (typeof section === 'object') {
      const path = section.fields.find(([name]) => name === ':path')?.[1] ?? '';
      const answer = answers(numberOf(path));
      if (answer.protocol === 'http2' && socket.writable) socket.write(octetsOf(answer, section.stream));
    }
  };
  socket.on('data', (chunk) => {
    frames.push(chunk);
    for (let next = frames.next(); next !== undefined; next = frames.next()) take(next);
  });
}

function octetsOf({ sections, data, trailers, ends }: Http2Answer, stream: number): Buffer {
  const last = ends === 'reset' ? 0 : END_STREAM;
  const bodiless = data.length === 0 && trailers === undefined;
  const parts = sections.map((fields, index) =>
    frame('HEADERS', END_HEADERS | (bodiless && index === sections.length - 1 ? last : 0), stream, block(fields)),
  );
  data.forEach((text, index) => {
    const ending = trailers === undefined && index === data.length - 1 ? last : 0;
    parts.push(frame('DATA', ending, stream, Buffer.from(text, 'latin1')));
  });
  if (trailers !== undefined) parts.push(frame('HEADERS', END_HEADERS | last, stream, block(trailers)));
  if (ends !== 'last') parts.push(frame('RST_STREAM', 0, stream, uint32(2)));
  return Buffer.concat(parts);
}
