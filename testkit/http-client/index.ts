/** A plain client for tests, HTTP/1.1 or HTTP/2: one exchange on a connection of its own (or on an agent), everything that came back as data. */
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';

export interface Sent {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** Behind the body; over HTTP/1.1 it goes in chunks then. */
  readonly trailers?: Readonly<Record<string, string>> | undefined;
}

export interface Received {
  readonly status: number;
  /** Lower-case names; repeated ones joined as Node does. */
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly trailers: NodeJS.Dict<string>;
}

export type Target = { readonly port: number; readonly host?: string } | { readonly socketPath: string };

export function exchange(
  target: Target,
  sent: Sent = {},
  agent: http.Agent | false = false,
  timeout = 30_000,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const where = 'port' in target ? { host: target.host ?? '127.0.0.1', port: target.port } : target;
    const request = http.request(
      { ...where, agent, method: sent.method ?? 'GET', path: sent.path ?? '/', headers: { ...sent.headers }, timeout },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
            trailers: response.trailers,
          }),
        );
      },
    );
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeout} ms`)));
    request.on('error', reject);
    if (sent.trailers !== undefined) request.addTrailers({ ...sent.trailers });
    request.end(sent.body);
  });
}

/** The same over HTTP/2 with prior knowledge, in plaintext. */
export function exchangeHttp2(
  { port, host = '127.0.0.1' }: { readonly port: number; readonly host?: string },
  { method = 'GET', path = '/', headers: { host: authority, ...headers } = {}, body, trailers: own }: Sent = {},
  timeout = 30_000,
): Promise<Received> {
  return new Promise((resolve, reject) => {
    const session = http2.connect(`http://${host}:${port}`);
    const failed = (error: Error): void => {
      session.destroy();
      reject(error);
    };
    session.on('error', failed);
    session.setTimeout(timeout, () => failed(new Error(`no answer within ${timeout} ms`)));
    const names = { ':method': method, ':path': path, ...(authority === undefined ? {} : { ':authority': authority }) };
    const stream = session.request({ ...names, ...headers }, { waitForTrailers: own !== undefined });
    stream.on('wantTrailers', () => stream.sendTrailers({ ...own }));
    const chunks: Buffer[] = [];
    let status = 0;
    let received: http2.IncomingHttpHeaders = {};
    let trailers: NodeJS.Dict<string> = {};
    stream.on('response', ({ ':status': code = 0, ...others }) => {
      status = code;
      received = others;
    });
    stream.on('trailers', (fields: http2.IncomingHttpHeaders) => {
      trailers = fields as NodeJS.Dict<string>;
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', failed);
    stream.on('end', () => {
      resolve({ status, headers: received as http.IncomingHttpHeaders, body: Buffer.concat(chunks), trailers });
      session.close();
    });
    stream.end(body);
  });
}

/** ms after which what is not enough is all that comes. */
const LONGEST_QUIET = 15_000;

/**
 * Writes `bytes` on a new connection and returns all that comes back until the peer closes or `quiet` ms pass without a byte. While it is not
 * `enough` a busy machine is waited for.
 */
export function exchangeRaw(
  target: { readonly port: number; readonly host?: string },
  bytes: string | Uint8Array,
  quiet = 1500,
  enough: (got: Buffer) => boolean = () => true,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = net.connect({ host: target.host ?? '127.0.0.1', port: target.port });
    const done = (): void => {
      socket.destroy();
      resolve(Buffer.concat(chunks));
    };
    let waited = 0;
    socket.setTimeout(quiet);
    socket.on('timeout', () => {
      waited += quiet;
      if (waited >= LONGEST_QUIET || enough(Buffer.concat(chunks))) done();
      else socket.setTimeout(quiet);
    });
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', done);
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? done() : reject(error)));
    socket.write(bytes);
  });
}
