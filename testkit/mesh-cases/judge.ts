/** Sends a mesh case's requests from a caller and says everything that is not as expected. */
import http from 'node:http';
import net from 'node:net';
import { judge } from '../cases/judge.ts';
import { exchange, exchangeHttp2, type Received } from '../http-client/index.ts';
import type { CallerName, MeshCase, MeshRequest } from './case.ts';

/** ms until what must come is given up. */
const PATIENCE = 20_000;

/** Where a caller's sidecar listens. */
export interface CallerPorts {
  /** Local port of the case's service. */
  readonly upstream: (from: CallerName) => number;
  readonly httpProxy: (from: CallerName) => number;
  /** Port on loopback that the sidecar of a workload accepts on, by `arrives` of a request. */
  readonly arriving: (at: string) => Promise<number>;
  /** Stands for `$RUN`. */
  readonly run: string;
}

/** One text a deviation; none means that the case holds. */
export async function judgeMeshCase(one: MeshCase, ports: CallerPorts): Promise<string[]> {
  const faults: string[] = [];
  const requests = JSON.parse(JSON.stringify(one.requests ?? []).replaceAll('$RUN', ports.run)) as MeshRequest[];
  for (const [index, request] of requests.entries()) {
    const say = (text: string): void => void faults.push(`request ${index + 1}: ${text}`);
    const from = request.from ?? 'caller';
    const port =
      request.arrives !== undefined
        ? await ports.arriving(request.arrives)
        : request.proxied === true
          ? ports.httpProxy(from)
          : ports.upstream(from);
    for (let left = request.warmUp ?? 0; left > 0; left -= 1) await answer(port, request.send);
    const began = performance.now();
    if (request.connect !== undefined) await judgeTunnel(request, request.connect, ports.httpProxy(from), say);
    else if (request.concurrent !== undefined) await judgeConcurrent(request, request.concurrent, port, say);
    else if (request.expect.sticky === true) await judgeSticky(request, port, say);
    else if (request.expect.refused === true) await judgeRefusal(request, port, say);
    else
      for (const fault of await judge({ name: one.name, requests: [request] }, port))
        say(fault.slice('request 1: '.length));
    const took = performance.now() - began;
    const [least = 0, most = Number.POSITIVE_INFINITY] = request.expect.took ?? [];
    if (took < least || took > most) say(`took ${took.toFixed(0)} ms, expected ${least} to ${most}`);
  }
  return faults;
}

const answer = (port: number, send: MeshRequest['send']): Promise<Received | Error> =>
  (send?.http2 === true ? exchangeHttp2 : exchange)({ port }, send).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  );

async function judgeRefusal(request: MeshRequest, port: number, say: (text: string) => void): Promise<void> {
  const got = await answer(port, request.send);
  if (got instanceof Error) return;
  if (got.headers['x-backend'] !== undefined) say(`${String(got.headers['x-backend'])} answered ${got.status}`);
  else if (got.status !== 403 && got.status !== 503) say(`status ${got.status}, expected a refusal`);
}

async function judgeSticky(
  { send, repeat = 1 }: MeshRequest,
  port: number,
  say: (text: string) => void,
): Promise<void> {
  const seen = new Set<string>();
  for (let left = repeat; left > 0; left -= 1) {
    const got = await answer(port, send);
    seen.add(got instanceof Error ? got.message : String(got.headers['x-backend'] ?? got.status));
  }
  if (seen.size !== 1) say(`went to ${[...seen].join(' and ')}, expected one`);
}

async function judgeConcurrent(
  { send, expect }: MeshRequest,
  count: number,
  port: number,
  say: (text: string) => void,
): Promise<void> {
  const outcomes = new Map<string, number>();
  const all = await Promise.all(Array.from({ length: count }, () => answer(port, send)));
  for (const got of all) {
    const who = outcomeOf(got);
    outcomes.set(who, (outcomes.get(who) ?? 0) + 1);
  }
  for (const [who, [least, most]] of Object.entries(expect.outcomes ?? {})) {
    const times = outcomes.get(who) ?? 0;
    if (times < least || times > most) say(`${who} ${times} times, expected ${least} to ${most}`);
  }
  for (const [who, times] of outcomes)
    if (expect.outcomes?.[who] === undefined) say(`${who} ${times} times, expected none`);
}

/** Who answered; what failed is its status, whoever said it. */
function outcomeOf(got: Received | Error): string {
  if (got instanceof Error) return `error:${got.message}`;
  return got.status < 500 ? String(got.headers['x-backend'] ?? `status:${got.status}`) : `status:${got.status}`;
}

/** CONNECT (RFC 9110, 9.3.6), then bytes both ways. */
function judgeTunnel(
  { raw = '', expect }: MeshRequest,
  authority: string,
  port: number,
  say: (text: string) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const headers = { host: authority };
    const request = http.request({
      port,
      host: '127.0.0.1',
      method: 'CONNECT',
      path: authority,
      headers,
      timeout: PATIENCE,
    });
    const ended = (text?: string): void => {
      if (text !== undefined) say(text);
      resolve();
    };
    request.on('error', (error) => ended(error.message));
    request.on('timeout', () => request.destroy(new Error(`no answer to CONNECT within ${PATIENCE} ms`)));
    const status = (got: number | undefined): void => {
      if (expect.status !== undefined && got !== expect.status) say(`CONNECT ${got}, expected ${expect.status}`);
    };
    request.on('response', (response) => {
      status(response.statusCode);
      response.resume().on('end', () => ended());
    });
    request.on('connect', (response, socket: net.Socket, head: Buffer) => {
      status(response.statusCode);
      if (response.statusCode !== 200) {
        socket.destroy();
        ended();
        return;
      }
      // A server that speaks first may be heard together with the answer.
      let text = head.toString();
      const pattern = new RegExp(expect.raw ?? '', 's');
      const finish = (): void => {
        socket.destroy();
        ended(pattern.test(text) ? undefined : `expected /${expect.raw}/, got ${JSON.stringify(text)}`);
      };
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (pattern.test(text)) finish();
      });
      socket.setTimeout(PATIENCE, finish);
      socket.on('end', finish).on('error', finish);
      socket.write(raw);
    });
    request.end();
  });
}
