/**
 * Requests to the API over its Unix socket or TLS. Never goes on without verifying the server: without the roots of the control plane
 * there is no TLS client. Never logs.
 */
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { err, ok, type Result } from '@weft/core/kernel';
import type { Status } from '../status.ts';

export type Endpoint =
  | { readonly socketPath: string }
  | {
      readonly host: string;
      readonly port: number;
      /** PEM of the roots that the server's certificate must lead to. */
      readonly roots: string;
      readonly token: string;
      /** The name in the server's certificate when it is not `host`. */
      readonly serverName?: string | undefined;
    };

export type ClientError =
  /** No answer: nobody listens, the certificate is wrong, the connection broke, or it took too long. */
  | { readonly code: 'unreachable'; readonly message: string }
  /** The server said no. */
  | { readonly code: 'refused'; readonly status: Status; readonly message: string };

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
  /** application/json by default. */
  readonly type?: string | undefined;
  readonly accept?: string | undefined;
}

export interface Response {
  readonly body: unknown;
  /** Texts of the Warning headers. */
  readonly warnings: readonly string[];
}

/** Bytes of an answer that are read at most. */
const MAX_ANSWER = 512 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

export class Transport {
  readonly #endpoint: Endpoint;
  readonly #agent: http.Agent;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
    // A connection for each request: a reused one may have been closed by the server, and a write must not be sent twice.
    this.#agent =
      'socketPath' in endpoint ? new http.Agent({ keepAlive: false }) : new https.Agent({ keepAlive: false });
  }

  close(): void {
    this.#agent.destroy();
  }

  send(request: Request): Promise<Result<Response, ClientError>> {
    return new Promise((resolve) => {
      const sent = this.#start(request, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length > MAX_ANSWER) response.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('error', (error) => resolve(err(this.#unreachable(error))));
        response.on('end', () => resolve(this.#read(response, Buffer.concat(chunks).toString('utf8'))));
      });
      sent.setTimeout(TIMEOUT_MS, () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
      sent.on('error', (error) => resolve(err(this.#unreachable(error))));
      sent.end(request.body === undefined ? undefined : JSON.stringify(request.body));
    });
  }

  /** Reads an answer line by line. `onEnd` is called once, with the reason when there is one; the returned function ends it. */
  lines(request: Request, onLine: (line: string) => void, onEnd: (error: ClientError | undefined) => void): () => void {
    let ended = false;
    const end = (error: ClientError | undefined): void => {
      if (ended) return;
      ended = true;
      onEnd(error);
    };
    const sent = this.#start(request, (response) => {
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        if (response.statusCode === 200) for (const line of lines) if (line !== '' && !ended) onLine(line);
        if (response.statusCode !== 200) rest = lines.join('\n') + rest;
      });
      response.on('error', (error) => end(this.#unreachable(error)));
      response.on('end', () => {
        const read = response.statusCode === 200 ? undefined : this.#read(response, rest);
        end(read === undefined || read.ok ? undefined : read.error);
      });
    });
    sent.on('error', (error) => end(this.#unreachable(error)));
    sent.end();
    return () => {
      ended = true;
      sent.destroy();
    };
  }

  /** A request whose body is the caller's to write and whose answer is the caller's to read. */
  open(method: string, target: string, headers: http.OutgoingHttpHeaders): http.ClientRequest {
    const options = { method, path: target, agent: this.#agent };
    const endpoint = this.#endpoint;
    if ('socketPath' in endpoint)
      return http.request({ ...options, headers, socketPath: endpoint.socketPath, host: 'localhost' });
    const { host, port, roots, token, serverName = host } = endpoint;
    const authorized = { ...headers, authorization: `Bearer ${token}` };
    const tls = { ca: roots, minVersion: 'TLSv1.3' } as const;
    const servername = isIP(serverName) === 0 ? serverName : '';
    return https.request({ ...options, ...tls, headers: authorized, host, port: String(port), servername });
  }

  #start(request: Request, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest {
    const query = new URLSearchParams(request.query).toString();
    const headers: http.OutgoingHttpHeaders = { accept: request.accept ?? 'application/json' };
    if (request.body !== undefined) headers['content-type'] = request.type ?? 'application/json';
    const target = query === '' ? request.path : `${request.path}?${query}`;
    return this.open(request.method, target, headers).on('response', onResponse);
  }

  #read(response: http.IncomingMessage, text: string): Result<Response, ClientError> {
    const code = response.statusCode ?? 0;
    let body: unknown = text;
    if (response.headers['content-type']?.startsWith('application/json') === true) {
      try {
        body = JSON.parse(text);
      } catch {
        return err({ code: 'unreachable', message: `${this.#name()}: the answer is not JSON` });
      }
    }
    if (code >= 200 && code < 300) return ok({ body, warnings: warningsOf(response) });
    if (isStatus(body)) return err({ code: 'refused', status: body, message: body.message ?? `${body.code}` });
    return err({ code: 'unreachable', message: `${this.#name()}: answered ${code}, not as an API does` });
  }

  #name(): string {
    const endpoint = this.#endpoint;
    return 'socketPath' in endpoint ? endpoint.socketPath : `${endpoint.host}:${endpoint.port}`;
  }

  #unreachable(error: Error): ClientError {
    const code = 'code' in error ? String(error.code) : '';
    const reasons: Readonly<Record<string, string>> = {
      ENOENT: 'no control plane runs there: start it with `weft up`, or name its folder with --data',
      ECONNREFUSED: 'no control plane listens there: start it with `weft up`',
      EACCES: 'permission denied: the control plane belongs to another user',
      SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not of this control plane',
      UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not of this control plane',
      ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
      CERT_HAS_EXPIRED: 'its certificate has expired',
    };
    return { code: 'unreachable', message: `${this.#name()}: ${reasons[code] ?? error.message}` };
  }
}

function warningsOf(response: http.IncomingMessage): readonly string[] {
  const headers = response.headersDistinct['warning'] ?? [];
  return headers.map((header) => {
    const quoted = /^299 [^ ]* "((?:[^"\\]|\\.)*)"/.exec(header)?.[1];
    return quoted === undefined ? header : quoted.replace(/\\(.)/g, '$1');
  });
}

const isStatus = (body: unknown): body is Status =>
  typeof body === 'object' && body !== null && 'kind' in body && body.kind === 'Status' && 'code' in body;
