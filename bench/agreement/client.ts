/** Sends generated requests to a batch's sockets, and says what came back in the words that answers are compared by. */
import { existsSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import type { Echo } from '@weft/testkit/echo';
import type { GeneratedRequest } from './generate/index.ts';
import { SESSION, SLOW } from './generate/words.ts';

export interface Observed {
  /** 0: closed without an answer. */
  readonly status: number;
  /** Of a call that the mesh answered itself. */
  readonly grpcStatus?: number;
  readonly rule: string | undefined;
  readonly location: string | undefined;
  /** The name of the workload that answered; of a failing application undefined too. */
  readonly workload: string | undefined;
  readonly word: string | undefined;
  /** Whose pages may read it; absent: nobody's. */
  readonly readers?: string;
  /** What arrived there. */
  readonly arrived?: { readonly path: string; readonly host: string; readonly a: string; readonly b: string };
  /** What the answer begins a session with; absent: it begins none. */
  readonly session?: Session;
  /** Why, where nothing came. */
  readonly error?: string;
  /** Nobody listens. */
  readonly absent?: boolean;
}

/** Values of the cookie and of the header. */
export type Session = Partial<Readonly<Record<'cookie' | 'header', string>>>;

const CLOSED: Observed = {
  status: 0,
  rule: undefined,
  location: undefined,
  workload: undefined,
  word: undefined,
};

/** ms. */
const LONGEST = 40_000;

/** A Unix socket, or where a load balancer connects and says for whom. */
export type Place = { readonly path: string } | { readonly ip: string; readonly port: number };

/** Version 1, as most load balancers send it. */
function connect(place: Place, { address }: GeneratedRequest): net.Socket {
  const socket = 'path' in place ? net.connect(place) : net.connect({ host: place.ip, port: place.port });
  if (address !== undefined) socket.write(`PROXY TCP4 ${address} 127.0.0.1 1024 80\r\n`);
  return socket;
}

/** `key` is unlike that of any other request: applications count by it. */
export async function send(
  place: Place,
  request: GeneratedRequest,
  key: string,
  session: Session = {},
): Promise<Observed> {
  if ('path' in place && !existsSync(place.path)) return { ...CLOSED, absent: true };
  const headers = { ...headersOf(request, key), ...headersOfSession(session) };
  try {
    if (request.kind === 'tcp') return await line(place, request);
    return request.kind === 'grpc' ? await call(place, request, headers) : await exchange(place, request, headers);
  } catch (error) {
    if (!('path' in place) && (error as NodeJS.ErrnoException).code === 'ECONNREFUSED')
      return { ...CLOSED, absent: true };
    return { ...CLOSED, error: error instanceof Error ? error.message : String(error) };
  }
}

const headersOfSession = ({ cookie, header }: Session): Record<string, string> => ({
  ...(cookie === undefined ? {} : { cookie: `${SESSION.cookie}=${cookie}` }),
  ...(header === undefined ? {} : { [SESSION.header]: header }),
});

const PROCESSING = {
  answers: '{"request_headers":{"answer":{"immediate_response":{"status":{"code":"Conflict"}}}}}',
  fails: '{"request_headers":{"status":13}}',
} as const;

function headersOf(
  { request, token, trial, verdict, kind, processing }: GeneratedRequest,
  key: string,
): Record<string, string> {
  const commands = [
    ...(trial === undefined ? [] : [trial === 'slow' ? `delay=${SLOW}` : `fail-first=${trial}&key=${key}`]),
    ...(kind === 'grpc' ? ['grpc-message=1'] : []),
  ];
  return {
    ...Object.fromEntries(request.headers.map(({ name, value }) => [name, value])),
    ...(token === undefined ? {} : { authorization: `Bearer ${token.text}` }),
    ...(verdict === 'no'
      ? { 'x-verdict': '{"status":{"code":7},"denied_response":{"status":{"code":"Forbidden"}}}' }
      : {}),
    ...(processing === undefined ? {} : { 'x-process': PROCESSING[processing] }),
    // The application reads its commands here: queries are what routes are about.
    'x-echo': commands.length === 0 ? 'none=1' : commands.join('&'),
  };
}

function exchange(place: Place, asked: GeneratedRequest, stated: Record<string, string>): Promise<Observed> {
  const { request, serverName } = asked;
  const headers = { host: defaultHost(asked), ...stated };
  return new Promise((resolve, reject) => {
    const options = {
      method: request.method,
      path: request.path,
      headers,
      timeout: LONGEST,
    } as const;
    const socket = connect(place, asked);
    socket.on('error', reject);
    const secured = { socket, servername: serverName ?? '', rejectUnauthorized: false };
    const createConnection = (): net.Socket => (serverName === undefined ? socket : tls.connect(secured));
    const sent = (serverName === undefined ? http : https).request({ ...options, createConnection }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
      response.on('end', () => resolve(observed(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${LONGEST} ms`))).on('error', reject);
    sent.end();
  });
}

const defaultHost = ({ to }: GeneratedRequest): string => {
  const [namespace = '', name = ''] = to.split('/');
  return `${name}.${namespace}`;
};

function call(place: Place, asked: GeneratedRequest, stated: Record<string, string>): Promise<Observed> {
  const { host, ...headers } = stated;
  return new Promise((resolve, reject) => {
    const session = http2.connect('http://mesh', { createConnection: () => connect(place, asked) });
    const failed = (error: Error): void => {
      session.destroy();
      reject(error);
    };
    session.on('error', failed);
    session.setTimeout(LONGEST, () => failed(new Error(`no answer within ${LONGEST} ms`)));
    const { method, path: target } = asked.request;
    const stream = session.request({
      ':method': method,
      ':path': target,
      ':authority': host ?? defaultHost(asked),
      te: 'trailers',
      ...headers,
    });
    const chunks: Buffer[] = [];
    let received: http2.IncomingHttpHeaders = {};
    let trailers: http2.IncomingHttpHeaders = {};
    stream
      .on('response', (fields) => (received = fields))
      .on('trailers', (fields: http2.IncomingHttpHeaders) => (trailers = fields))
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('error', failed)
      .on('end', () => {
        const grpc = received['grpc-status'] ?? trailers['grpc-status'];
        const made = observed(
          Number(received[':status']),
          received as http.IncomingHttpHeaders,
          Buffer.concat(chunks).subarray(5),
        );
        resolve(grpc === undefined ? made : { ...made, grpcStatus: Number(grpc) });
        session.close();
      });
    stream.end(Buffer.alloc(5));
  });
}

/** What an application says to its first bytes; nothing: the connection was closed. */
function line(place: Place, asked: GeneratedRequest): Promise<Observed> {
  const { serverName } = asked;
  return new Promise((resolve) => {
    const plain = connect(place, asked);
    const socket =
      serverName === undefined
        ? plain
        : tls.connect({ socket: plain, servername: serverName, rejectUnauthorized: false });
    plain.on('error', () => socket.destroy());
    const chunks: Buffer[] = [];
    const done = (): void => {
      const name = Buffer.concat(chunks).toString();
      socket.destroy();
      resolve(name === '' ? CLOSED : { ...CLOSED, status: 200, workload: name });
    };
    socket.setTimeout(LONGEST, done);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', done).on('close', done).on('error', done);
    socket.write('hello');
  });
}

function observed(status: number, headers: http.IncomingHttpHeaders, body: Buffer): Observed {
  const text = (name: string): string | undefined => {
    const value = headers[name];
    return value === undefined ? undefined : String(value);
  };
  const workload = text('x-backend');
  const readers = text('access-control-allow-origin');
  const cookie = new RegExp(`^${SESSION.cookie}=([^;]*)`).exec(headers['set-cookie']?.[0] ?? '')?.[1];
  const header = text(SESSION.header);
  const began = { ...(cookie === undefined ? {} : { cookie }), ...(header === undefined ? {} : { header }) };
  const base = {
    ...(Object.keys(began).length === 0 ? {} : { session: began }),
    status,
    rule: text('x-rule'),
    location: text('location'),
    workload,
    word: text('x-weft-answer'),
    ...(readers === undefined ? {} : { readers }),
  };
  if (workload === undefined || body.length === 0) return base;
  const echo = JSON.parse(body.toString()) as Echo;
  const { host = '', 'x-a': a = '', 'x-b': b = '' } = echo.headers;
  return { ...base, arrived: { path: echo.path, host, a: spaceless(a), b: spaceless(b) } };
}

/** Lists that were joined with or without a space. */
export const spaceless = (list: string): string => list.replaceAll(/\s*,\s*/g, ',');
