/**
 * Octets without messages through every pairing: WebSocket by upgrade and by extended CONNECT, CONNECT, TCP, TLS passed through. Cases are data
 * (e2e/pairings/streams.yaml); both ends are the test's own, so what one of them does is seen at the other.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { parse } from 'yaml';
import { until } from '../wait/index.ts';
import { open1, open2, TunnelBackend } from '../websocket/index.ts';
import { PASSTHROUGH_NAME, type PairingCertificates, type Upstream } from './bootstrap.ts';
import { Digest, hashOfSize, writeSize } from './pattern.ts';

/** WebSocket by Upgrade, by extended CONNECT over prior knowledge and over ALPN; CONNECT over each of them; TCP; TLS by its server name. */
export const STREAM_WAYS = [
  'ws',
  'ws-h2',
  'ws-tls',
  'connect',
  'connect-h2',
  'connect-tls',
  'tcp',
  'passthrough',
] as const;
export type StreamWay = (typeof STREAM_WAYS)[number];
/** What the backend speaks: a version of HTTP for WebSocket, else none. */
export const STREAM_UPSTREAMS = ['h1', 'h2', 'raw'] as const;
export type StreamUpstream = (typeof STREAM_UPSTREAMS)[number];
export interface StreamPairing {
  readonly way: StreamWay;
  readonly upstream: StreamUpstream;
}

type Side = 'client' | 'backend';

export interface StreamCase {
  readonly name: string;
  /** What it shows of the matrix (matrix.ts); each of `sizes` that stands there is shown too. */
  readonly shows?: readonly string[];
  /** Run once for each: octets that go both ways at once; default none. */
  readonly sizes?: readonly number[];
  /** In the tests for these pairings only, for all by `npm run bench -- pairings`. */
  readonly sample?: readonly StreamPairing[];
  /** The side that stops for `pause` ms at each piece that it reads, or writes. */
  readonly slow?: { readonly side: Side; readonly does: 'reads' | 'writes'; readonly pause: number };
  /** Once all is there that side ends its half; the other one says some last words. Default: the run ends there. */
  readonly ends?: Side;
  /** Once all is there that side resets. */
  readonly cuts?: Side;
  /** Where Envoy does another thing by intention: not judged there. */
  readonly differs?: {
    readonly envoy: {
      readonly reason: string;
      readonly pairings: readonly {
        readonly ways: readonly StreamWay[];
        readonly upstreams: readonly StreamUpstream[];
      }[];
    };
  };
}

export const readStreamCases = (file: string): readonly StreamCase[] =>
  (parse(readFileSync(file, 'utf8')) as { readonly cases: readonly StreamCase[] }).cases;

const isWebSocket = (way: StreamWay): boolean => way.startsWith('ws');

/** Those that there are: WebSocket has a backend of HTTP, the others have none. */
export const STREAM_PAIRINGS: readonly StreamPairing[] = STREAM_WAYS.flatMap((way) =>
  STREAM_UPSTREAMS.filter((upstream) => isWebSocket(way) === (upstream !== 'raw')).map((upstream) => ({
    way,
    upstream,
  })),
);

export const differsOnEnvoy = (one: StreamCase, { way, upstream }: StreamPairing): boolean =>
  one.differs?.envoy.pairings.some(({ ways, upstreams }) => ways.includes(way) && upstreams.includes(upstream)) ??
  false;

interface End {
  readonly stream: Duplex;
  cut(): void;
}

/** All backends of the streams. One conversation at a time with each of them: who calls next is the one who was sent. */
export class StreamBackend {
  readonly #http = new TunnelBackend();
  readonly #raw = net.createServer({ allowHalfOpen: true }, (socket) =>
    this.#accept('raw', socket, () => void socket.resetAndDestroy()),
  );
  readonly #secure: tls.Server;
  readonly #sockets = new Set<Socket>();
  readonly #accepted: Readonly<Record<'raw' | 'secure', End[]>> = { raw: [], secure: [] };

  constructor({ chain, key }: PairingCertificates) {
    this.#secure = tls.createServer(
      { cert: readFileSync(chain), key: readFileSync(key), allowHalfOpen: true },
      (socket) => this.#accept('secure', socket, () => void socket.destroy()),
    );
  }

  /** Ports as a bootstrap wants them. */
  async start(): Promise<{
    readonly backends: { readonly h1: number; readonly h2: number; readonly alpn: number };
    readonly tunnel: number;
    readonly secureTunnel: number;
  }> {
    const port = async (server: Server): Promise<number> => {
      server.on('connection', (socket: Socket) => {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => this.#sockets.delete(socket));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    };
    const http = await this.#http.start();
    const secureTunnel = await port(this.#secure);
    return { backends: { ...http, alpn: secureTunnel }, tunnel: await port(this.#raw), secureTunnel };
  }

  stop(): void {
    this.#http.stop();
    for (const socket of this.#sockets) socket.destroy();
    this.#raw.close();
    this.#secure.close();
  }

  next({ way, upstream }: StreamPairing): Promise<End> {
    if (upstream !== 'raw') return this.#http.next(upstream);
    const accepted = this.#accepted[way === 'passthrough' ? 'secure' : 'raw'];
    return until(() => accepted.shift(), { what: 'the connection at the backend' });
  }

  /** TLS cannot reset: without its closing word the end is a cut as well. */
  #accept(kind: 'raw' | 'secure', stream: Duplex, cut: () => void): void {
    stream.on('error', () => {});
    stream.pause();
    this.#accepted[kind].push({ stream, cut });
  }
}

interface Client extends End {
  close(): void;
}

async function openStream({ way, upstream }: StreamPairing, port: (listener: string) => number): Promise<Client> {
  const up: Upstream = upstream === 'raw' ? 'h1' : upstream;
  if (way === 'tcp' || way === 'passthrough') {
    const socket = net.connect({ host: '127.0.0.1', port: port(way), allowHalfOpen: true, noDelay: true });
    socket.on('error', () => {});
    const cut = (): void => void socket.resetAndDestroy();
    const close = (): void => void socket.destroy();
    if (way === 'tcp') return { stream: socket, cut, close };
    const options = { socket, servername: PASSTHROUGH_NAME, rejectUnauthorized: false, allowHalfOpen: true };
    const secure = tls.connect(options);
    secure.on('error', () => {});
    await once(secure, 'secureConnect');
    return { stream: secure, cut, close };
  }
  const version = way.endsWith('-h2') ? 'h2' : way.endsWith('-tls') ? 'tls' : 'h1';
  const input = {
    port: port(`${version}-${up}`),
    path: '/stream',
    ...(isWebSocket(way) ? {} : { connect: 'any.test:443' }),
  };
  const opened = version === 'h1' ? await open1(input) : await open2(input, version === 'tls');
  if (opened.status !== 101 && opened.status !== 200) throw new Error(`${way} to ${upstream}: status ${opened.status}`);
  return opened;
}

/** What arrives at one end. */
class Arrived {
  readonly digest = new Digest();
  /** The last octets of it. */
  tail = '';
  /** An end in good order, or a cut. */
  ended = false;
  broken = false;
  get over(): boolean {
    return this.ended || this.broken;
  }

  constructor(stream: Duplex, pause: number) {
    stream.on('data', (chunk: Buffer) => {
      this.digest.feed(chunk);
      this.tail = chunk.toString('latin1', Math.max(0, chunk.length - 32));
      if (pause === 0) return;
      stream.pause();
      setTimeout(() => stream.resume(), pause);
    });
    stream.once('end', () => (this.ended = true));
    stream.once('error', () => (this.broken = true));
    stream.once('close', () => {
      if (!this.ended) this.broken = true;
    });
    stream.resume();
  }
}

const LAST = 'last words';

/** One case on one pairing: everything that is not as it should be. */
export async function judgeStream(
  one: StreamCase,
  pairing: StreamPairing,
  port: (listener: string) => number,
  backend: StreamBackend,
): Promise<string[]> {
  const faults: string[] = [];
  for (const size of one.sizes ?? [0])
    await judgeOnce(one, pairing, size, port, backend).catch((error: Error) =>
      faults.push(`${pairing.way} to ${pairing.upstream}, ${size} octets: ${error.message}`),
    );
  return faults;
}

async function judgeOnce(
  one: StreamCase,
  pairing: StreamPairing,
  size: number,
  port: (listener: string) => number,
  backend: StreamBackend,
): Promise<void> {
  const { slow, ends, cuts } = one;
  const accepted = backend.next(pairing);
  const client = await openStream(pairing, port);
  const sides: Readonly<Record<Side, End>> = { client, backend: await accepted };
  const pause = (side: Side, does: 'reads' | 'writes'): number =>
    slow?.side === side && slow.does === does ? slow.pause : 0;
  const arrived: Readonly<Record<Side, Arrived>> = {
    client: new Arrived(client.stream, pause('client', 'reads')),
    backend: new Arrived(sides.backend.stream, pause('backend', 'reads')),
  };
  try {
    for (const side of ['client', 'backend'] as const)
      void writeSize(sides[side].stream, size, 65_536, pause(side, 'writes'));
    for (const side of ['client', 'backend'] as const) {
      const { digest } = arrived[side];
      await until(() => digest.length >= size || arrived[side].over, { what: `the octets at the ${side}` });
      if (digest.length !== size) throw new Error(`${digest.length} of ${size} octets came to the ${side}`);
      if (digest.hex !== hashOfSize(size)) throw new Error(`other octets came to the ${side}`);
    }
    const over = (side: Side): Promise<unknown> => until(() => arrived[side].over, { what: `the end at the ${side}` });
    const first = cuts ?? ends;
    if (first === undefined) return;
    const other: Side = first === 'client' ? 'backend' : 'client';
    if (cuts !== undefined) {
      sides[first].cut();
      await over(other);
      return;
    }
    sides[first].stream.end();
    await over(other);
    if (!arrived[other].ended) throw new Error(`the end of the ${first}'s half came to the ${other} as a cut`);
    sides[other].stream.end(LAST);
    await over(first);
    if (arrived[first].tail !== LAST || !arrived[first].ended)
      throw new Error(`after its half had ended the ${first} got ${JSON.stringify(arrived[first].tail)}`);
  } finally {
    client.close();
    sides.backend.stream.destroy();
  }
}

/** One case on many pairings: at once where the backends are others. */
export async function judgeStreams(
  one: StreamCase,
  pairings: readonly StreamPairing[],
  port: (listener: string) => number,
  backend: StreamBackend,
): Promise<string[]> {
  const groups = Map.groupBy(pairings, ({ way, upstream }) => (way === 'passthrough' ? way : upstream));
  const faults = await Promise.all(
    [...groups.values()].map(async (group) => {
      const found: string[] = [];
      for (const pairing of group) found.push(...(await judgeStream(one, pairing, port, backend)));
      return found;
    }),
  );
  return faults.flat();
}
