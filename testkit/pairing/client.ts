/** One exchange of the pairing runs as a client has it, over each version of HTTP, and what came of it as data. */
import http from 'node:http';
import http2 from 'node:http2';
import { once } from 'node:events';
import net from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Readable, Writable } from 'node:stream';
import { Digest, messageHead, writeSize } from './pattern.ts';

/** HTTP/1.0, HTTP/1.1, HTTP/2 by prior knowledge, HTTP/2 by ALPN. */
export const PLAIN_WAYS = ['1.0', '1.1', 'h2', 'tls'] as const;
/** gRPC over HTTP/2 by prior knowledge and by ALPN; gRPC-Web over HTTP/1.1 and HTTP/2. */
export const WAYS = [...PLAIN_WAYS, 'grpc', 'grpc-tls', 'web', 'web-h2'] as const;
export type Way = (typeof WAYS)[number];

const TYPES: Readonly<Partial<Record<Way, string>>> = {
  grpc: 'application/grpc',
  'grpc-tls': 'application/grpc',
  web: 'application/grpc-web+proto',
  'web-h2': 'application/grpc-web+proto',
};
/** The body is a message of gRPC. */
export const isGrpc = (way: Way): boolean => TYPES[way] !== undefined;
export const isWeb = (way: Way): boolean => way === 'web' || way === 'web-h2';

export interface Ask {
  readonly method?: string | undefined;
  readonly path: string;
  /** Octets of the request's body; undefined: none. */
  readonly size?: number | undefined;
  readonly framing?: 'length' | 'chunked' | undefined;
  readonly trailers?: boolean | undefined;
  readonly expect100?: boolean | undefined;
  /** ms between the pieces of 64 kB that are written, or read. */
  readonly writePause?: number | undefined;
  readonly readPause?: number | undefined;
  /** HTTP/1.1: the client ends its half of the connection after the request. */
  readonly halfClose?: boolean | undefined;
  /** The client cuts after so many octets of the request's body or of the answer's. */
  readonly cutRequestAfter?: number | undefined;
  readonly cutAnswerAfter?: number | undefined;
}

export interface Outcome {
  /** 0: no answer. */
  readonly status: number;
  readonly length: number;
  readonly sha: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly trailers: Readonly<Record<string, string>>;
  /** Of the answer, as the version tells it. */
  readonly ending: 'whole' | 'broken';
}

const flat = (headers: object): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

interface Exchange {
  readonly request: Writable;
  /** Resolves with the head, undefined when none came. */
  readonly answer: Promise<
    { readonly status: number; readonly headers: Record<string, string>; readonly body: Readable } | undefined
  >;
  trailers(): Record<string, string>;
  isWhole(): boolean;
  /** Ends the client's half of the connection. */
  half?(): void;
  cut(): void;
  close(): void;
}

/** Before it cuts, or ends its half, it waits for `arrived`: else the request may never have come to the backend. */
export async function askWay(way: Way, port: number, ask: Ask, arrived: () => Promise<void>): Promise<Outcome> {
  const exchange = await begin(way, port, ask);
  const writing = (async () => {
    const { request } = exchange;
    if (ask.size !== undefined) {
      const size = ask.cutRequestAfter ?? ask.size;
      if (isGrpc(way)) request.write(messageHead(ask.size));
      await writeSize(request, size, Math.min(65_536, Math.max(1, size)), ask.writePause ?? 0);
    }
    if (ask.cutRequestAfter !== undefined) {
      await arrived();
      exchange.cut();
    } else if (way !== '1.0') request.end();
    if (ask.halfClose === true) {
      await arrived();
      exchange.half?.();
    }
  })();
  const answer = await exchange.answer;
  const digest = new Digest();
  if (answer !== undefined) {
    await new Promise<void>((resolve) => {
      const { body } = answer;
      body.on('data', (chunk: Buffer) => {
        digest.feed(chunk);
        if (ask.cutAnswerAfter !== undefined && digest.length >= ask.cutAnswerAfter) exchange.cut();
        if (ask.readPause === undefined) return;
        body.pause();
        setTimeout(() => body.resume(), ask.readPause);
      });
      body.once('end', resolve);
      body.once('error', () => resolve());
      body.once('close', () => resolve());
      body.resume();
    });
  }
  const ending = answer !== undefined && exchange.isWhole() ? 'whole' : 'broken';
  if (ending === 'broken') exchange.cut();
  await writing;
  exchange.close();
  const { status = 0, headers = {} } = answer ?? {};
  return { status, headers, length: digest.length, sha: digest.hex, trailers: exchange.trailers(), ending };
}

function begin(way: Way, port: number, ask: Ask): Exchange | Promise<Exchange> {
  const type = TYPES[way];
  if (way === '1.0') return begin10(port, ask);
  if (way === '1.1' || way === 'web') return begin11(port, ask, type);
  return begin2(port, ask, way === 'tls' || way === 'grpc-tls', type);
}

const typeField = (type: string | undefined): Record<string, string> =>
  type === undefined ? {} : { 'content-type': type };

function begin11(port: number, ask: Ask, type: string | undefined): Exchange {
  const { size, framing = 'chunked' } = ask;
  const request = http.request({
    host: '127.0.0.1',
    port,
    agent: false,
    method: ask.method ?? (size === undefined ? 'GET' : 'POST'),
    path: ask.path,
    headers: {
      te: 'trailers',
      ...typeField(type),
      ...(size !== undefined && framing === 'length' ? { 'content-length': String(size) } : {}),
      ...(size !== undefined && framing === 'chunked' ? { 'transfer-encoding': 'chunked' } : {}),
      ...(ask.trailers === true ? { trailer: 'x-check' } : {}),
      ...(ask.expect100 === true ? { expect: '100-continue' } : {}),
    },
  });
  if (ask.trailers === true) request.addTrailers({ 'x-check': 'sent' });
  if (ask.expect100 === true) request.flushHeaders();
  let response: http.IncomingMessage | undefined;
  const answer: Exchange['answer'] = new Promise((resolve) => {
    request.on('response', (got) => {
      response = got;
      got.on('error', () => {});
      resolve({ status: got.statusCode ?? 0, headers: flat(got.headers), body: got });
    });
    request.on('error', () => resolve(undefined));
    request.on('close', () => resolve(undefined));
  });
  return {
    request,
    answer,
    trailers: () => flat(response?.trailers ?? {}),
    isWhole: () => response?.complete === true,
    half: () => void request.socket?.end(),
    cut: () => request.destroy(),
    close: () => request.destroy(),
  };
}

/** By hand: Node's client speaks HTTP/1.1 only. */
function begin10(port: number, ask: Ask): Exchange {
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: ask.halfClose === true });
  const { size } = ask;
  const method = ask.method ?? (size === undefined ? 'GET' : 'POST');
  const length = size === undefined ? '' : `Content-Length: ${size}\r\n`;
  socket.write(`${method} ${ask.path} HTTP/1.0\r\nHost: good.test\r\n${length}\r\n`);
  let whole = false;
  let wanted = -1;
  let got = 0;
  const answer: Exchange['answer'] = new Promise((resolve) => {
    let head = Buffer.alloc(0);
    const read = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', read);
      socket.pause();
      const [line = '', ...fields] = head.toString('latin1', 0, end).split('\r\n');
      const headers = Object.fromEntries(
        fields.map((field) => [
          field.slice(0, field.indexOf(':')).toLowerCase(),
          field.slice(field.indexOf(':') + 1).trim(),
        ]),
      );
      const status = Number(line.split(' ')[1]);
      wanted = method === 'HEAD' || status === 204 || status === 304 ? 0 : Number(headers['content-length'] ?? -1);
      socket.on('data', (part: Buffer) => (got += part.length));
      if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
      resolve({ status, headers, body: socket });
    };
    socket.on('data', read);
    socket.on('end', () => (whole = true));
    socket.on('error', () => {
      whole = false;
      resolve(undefined);
    });
    socket.on('close', () => resolve(undefined));
  });
  return {
    request: socket,
    answer,
    trailers: () => ({}),
    isWhole: () => whole && !socket.errored && (wanted < 0 || got === wanted),
    half: () => void socket.end(),
    // While a socket ends, a reset would leave its descriptor open for ever.
    cut: () => void (socket.writableEnded ? socket.destroy() : socket.resetAndDestroy()),
    close: () => void socket.destroy(),
  };
}

async function begin2(port: number, ask: Ask, tls: boolean, type: string | undefined): Promise<Exchange> {
  // Its own socket: a session that is destroyed lets go of a TLS socket only when the peer does.
  const socket = tls
    ? connectTls({ host: '127.0.0.1', port, ALPNProtocols: ['h2'], rejectUnauthorized: false })
    : net.connect({ host: '127.0.0.1', port, noDelay: true });
  const session = http2.connect(`${tls ? 'https' : 'http'}://127.0.0.1:${port}`, { createConnection: () => socket });
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  const { size, framing = 'chunked' } = ask;
  const stream = session.request(
    {
      ':method': ask.method ?? (size === undefined ? 'GET' : 'POST'),
      ':path': ask.path,
      te: 'trailers',
      ...typeField(type),
      ...(size !== undefined && framing === 'length' ? { 'content-length': String(size) } : {}),
      ...(ask.expect100 === true ? { expect: '100-continue' } : {}),
    },
    { endStream: size === undefined, waitForTrailers: ask.trailers === true },
  );
  stream.on('error', () => {});
  if (ask.trailers === true) stream.on('wantTrailers', () => stream.sendTrailers({ 'x-check': 'sent' }));
  let trailers: Record<string, string> = {};
  stream.on('trailers', (got) => (trailers = flat(got)));
  let ended = false;
  stream.on('end', () => (ended = true));
  const answer: Exchange['answer'] = new Promise((resolve) => {
    stream.on('response', (headers) =>
      resolve({ status: Number(headers[':status']), headers: flat(headers), body: stream }),
    );
    stream.on('close', () => resolve(undefined));
  });
  return {
    request: stream,
    answer,
    trailers: () => trailers,
    isWhole: () => ended && (stream.rstCode ?? 0) === 0,
    cut: () => stream.close(http2.constants.NGHTTP2_CANCEL),
    close: () => {
      session.destroy();
      socket.destroy();
    },
  };
}
