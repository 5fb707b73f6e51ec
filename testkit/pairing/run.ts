/** Cases of the pairing runs as data (e2e/pairings/*.yaml) and their judge: one case on one pairing, everything that is not as it should be. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { until } from '../wait/index.ts';
import type { PairingBackend } from './backend.ts';
import { type Upstream, UPSTREAMS } from './bootstrap.ts';
import { type Ask, askWay, isGrpc, isWeb, PLAIN_WAYS, type Way } from './client.ts';
import { type Around, hashOfSize, messageHead, webTrailers } from './pattern.ts';

export interface PairingCase {
  readonly name: string;
  /** Path and query without `id`; see backend.ts. */
  readonly path: string;
  readonly ask?: Omit<Ask, 'path'>;
  /** What it shows of the matrix (matrix.ts); each of `sizes` that stands there is shown too. */
  readonly shows?: readonly string[];
  /** Run once for each size: octets of the request's body and of the answer's, without what gRPC puts around a message. */
  readonly sizes?: readonly number[];
  /** In the tests for these pairings only, for all by `npm run bench -- pairings`. */
  readonly sample?: readonly { readonly way: Way; readonly upstream: Upstream }[];
  /** Default: those of plain HTTP. */
  readonly ways?: readonly Way[];
  /** Default: all. */
  readonly upstreams?: readonly Upstream[];
  readonly expect: {
    /** Any of these; default 200. 0: no answer. */
    readonly status?: number | readonly number[];
    readonly ending?: 'whole' | 'broken' | 'either';
    readonly headers?: Readonly<Record<string, string>>;
    readonly trailers?: Readonly<Record<string, string>>;
    /** Octets of the answer's body; with `sizes` the size. */
    readonly length?: number;
    /** What the backend noted in the end. */
    readonly backend?: { readonly cut?: boolean; readonly whole?: boolean };
  };
  /** Where Envoy's outcome is another one by intention: the case is not judged there. */
  readonly differs?: { readonly envoy: string };
}

export const readPairings = (file: string): readonly PairingCase[] =>
  (parse(readFileSync(file, 'utf8')) as { readonly cases: readonly PairingCase[] }).cases;

export interface Pairing {
  readonly way: Way;
  readonly upstream: Upstream;
}

export const pairings = ({
  ways = PLAIN_WAYS,
  upstreams = UPSTREAMS,
}: Pick<PairingCase, 'ways' | 'upstreams'>): readonly Pairing[] =>
  ways.flatMap((way) => upstreams.map((upstream) => ({ way, upstream })));

/** The listener that a way is sent to. */
export const listenerOf = ({ way, upstream }: Pairing): string =>
  `${way === 'tls' || way === 'grpc-tls' ? 'tls' : way === '1.0' ? 'h1' : 'auto'}-${upstream}`;

let serial = 0;

export async function judgePairing(
  one: PairingCase,
  pairing: Pairing,
  port: number,
  backend: PairingBackend,
): Promise<string[]> {
  const faults: string[] = [];
  for (const size of one.sizes ?? [undefined]) faults.push(...(await judgeOnce(one, pairing, port, backend, size)));
  return faults.map((text) => `${pairing.way} to ${pairing.upstream}: ${text}`);
}

async function judgeOnce(
  one: PairingCase,
  { way }: Pairing,
  port: number,
  backend: PairingBackend,
  size?: number,
): Promise<string[]> {
  serial += 1;
  const id = `${serial}`;
  const answer = (size === undefined ? '' : `&answer=${size}`) + (isGrpc(way) ? '&grpc=1' : '');
  const path = `${one.path}${one.path.includes('?') ? '&' : '?'}id=${id}${answer}`;
  const ask: Ask = { ...one.ask, path, ...(size === undefined ? {} : { size }) };
  const outcome = await askWay(way, port, ask, () =>
    until(() => backend.seen.has(id), { what: 'the request at the backend' }).then(() => {}),
  );
  const faults: string[] = [];
  const say = (text: string): void => void faults.push(size === undefined ? text : `${size} octets: ${text}`);
  const { status = 200, ending = 'whole', headers = {}, trailers = {}, length = size, backend: noted } = one.expect;
  const statuses = typeof status === 'number' ? [status] : status;
  if (!statuses.includes(outcome.status)) say(`status ${outcome.status}, expected ${statuses.join(' or ')}`);
  if (ending !== 'either' && outcome.ending !== ending) say(`the answer is ${outcome.ending}, expected ${ending}`);
  for (const [name, value] of Object.entries(headers))
    if (outcome.headers[name] !== value) say(`${name}: ${outcome.headers[name]}, expected ${value}`);
  if (way !== '1.0' && !isWeb(way))
    for (const [name, value] of Object.entries(trailers))
      if (outcome.trailers[name] !== value) say(`trailer ${name}: ${outcome.trailers[name]}, expected ${value}`);
  const { before, after }: Around = isGrpc(way) && size !== undefined ? grpcAround(size, way, trailers) : {};
  const whole = length === undefined ? undefined : length + (before?.length ?? 0) + (after?.length ?? 0);
  if (whole !== undefined && outcome.length !== whole) say(`${outcome.length} octets came, expected ${whole}`);
  if (size !== undefined) {
    if (outcome.sha !== hashOfSize(size, { ...(before && { before }), ...(after && { after }) }))
      say('other octets came back');
    if (outcome.headers['x-sha'] !== hashOfSize(size, before && { before }))
      say(`other octets went up (${outcome.headers['x-length']} of them)`);
  }
  for (const [name, value] of Object.entries(noted ?? {})) {
    await until(() => backend.seen.get(id)?.[name as 'cut' | 'whole'] === value).catch(() =>
      say(`the backend noted ${JSON.stringify(backend.seen.get(id))}, expected ${name} ${value}`),
    );
  }
  return faults;
}

/** A message's head, and what gRPC-Web makes of the trailers. */
function grpcAround(size: number, way: Way, trailers: Readonly<Record<string, string>>): Around {
  const fields = Object.entries({ 'grpc-status': '0', ...trailers });
  const before = messageHead(size);
  if (!isWeb(way)) return { before };
  return { before, after: webTrailers(fields.map(([name, value]) => `${name}:${value}\r\n`).join('')) };
}
