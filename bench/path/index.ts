/**
 * Time a request of the engine's own HTTP/2 path, downstream to router to upstream, on sockets in memory: no kernel, no libuv, little noise. It
 * compares builds of ours, never ours with another proxy. `npm run bench -- path [--only NAME] [--turns N]`.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { parseIp } from '@weft/core/kernel';
import { readBootstrap } from '@weft/envoy/bootstrap';
import { serviceMessages } from '@weft/envoy/services';
import { textSource } from '@weft/envoy/text/yaml';
import { Engine, MemorySecrets } from '@weft/proxy/engine';
import type { UpstreamEndpoint } from '@weft/proxy/upstream';

type Listened = Engine['listeners'] extends ReadonlyMap<string, infer Each> ? Each : never;
type Terminal = NonNullable<Listened['runtime']['chains'][number]['terminal']>;
/** Who is at the other end of a connection; undefined: no certificate. */
export type Peer = Parameters<Terminal['accept']>[0]['peer'];
type Config = Parameters<Engine['apply']>[0];
type ConnectHandler = Parameters<UpstreamEndpoint['connect']>[0];
type SharedReads = NonNullable<ConnectHandler['reads']>;
import { benchBootstrap } from '../proxy/bootstrap.ts';
import { MemorySocket } from './memory-socket.ts';
import { Answers, type Fields, frames, Requests } from './peers.ts';

const CONNECTIONS = 8;
const STREAMS = 16;
/** Turns of the event loop that bring 128 requests each: measured, and before, while V8 still compiles. */
const TURNS = 1500;
const WARM = 600;

export const BASE: Fields = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':authority', '127.0.0.1:8080'],
];
const ANSWER: Fields = [
  ['server', 'nginx/1.22.1'],
  ['date', 'Fri, 27 Nov 2026 12:00:00 GMT'],
  ['content-type', 'text/plain'],
  ['content-length', '1000'],
];
const GRPC_ANSWER: Fields = [...ANSWER.slice(0, 2), ['content-type', 'application/grpc'], ['content-length', '1000']];
const BODY = new Uint8Array(1000).fill(120);

export interface Load {
  readonly request: (number: number) => Fields;
  readonly body?: Uint8Array;
  readonly answer: Fields;
  readonly trailers: Fields;
}

export const LOADS: Readonly<Record<string, Load>> = {
  /** What h2load sends: the same request over and over. */
  same: {
    request: () => [...BASE, [':path', '/api/x'], ['user-agent', 'h2load nghttp2/1.52.0']],
    answer: ANSWER,
    trailers: [],
  },
  /** Paths that differ, a browser's fields, an id and a trace of each request's own. */
  mixed: {
    request: (number) => [
      ...BASE,
      [':path', `/api/items/${(number * 7919) % 1000}/detail?page=${number % 10}`],
      [
        'user-agent',
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
      ],
      ['accept', 'application/json, text/plain, */*'],
      ['accept-encoding', 'gzip, deflate, br, zstd'],
      ['accept-language', 'de-DE,de;q=0.9,en;q=0.8'],
      [
        'authorization',
        'Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
      ],
      ['cookie', 'session=0123456789abcdef0123456789abcdef'],
      ['traceparent', `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`],
      ['x-client-request', randomBytes(16).toString('hex')],
    ],
    answer: [...ANSWER, ['etag', '"5f3e-1a2b3c"'], ['cache-control', 'no-cache'], ['vary', 'accept-encoding']],
    trailers: [],
  },
  /** A unary gRPC call. */
  unary: {
    request: () => [
      [':method', 'POST'],
      ...BASE.slice(1),
      [':path', '/api/unary'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ['user-agent', 'grpc-go/1.76.0'],
    ],
    body: new Uint8Array(105),
    answer: GRPC_ANSWER,
    trailers: [['grpc-status', '0']],
  },
};

export async function benchPath(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, turns: { type: 'string', default: String(TURNS) } },
  });
  for (const [name, load] of Object.entries(LOADS)) {
    if (values.only !== undefined && values.only !== name) continue;
    const costs = (await measured(load, Number(values.turns))).sort((a, b) => a - b);
    const share = (part: number): string => (costs[Math.floor(costs.length * part)] ?? Number.NaN).toFixed(2);
    process.stdout.write(`${name.padEnd(8)} ${share(0.5)} us a request, ${share(0.1)} where nobody disturbs\n`);
  }
}

/** Microseconds a request, of each turn. Time, not CPU: a turn is short enough that most are not interrupted, and the tenth part is of those. */
async function measured(load: Load, turns: number): Promise<number[]> {
  const rig = await PathRig.of(benchBootstrap({ port: 0, backend: 1, adminPath: '/none', http2: true }), load);
  await rig.turns(WARM);
  const costs = await rig.turns(turns);
  rig.stop();
  return costs;
}

/** An engine with clients and a backend around it, all in memory. */
export class PathRig {
  readonly #engine: Engine;
  readonly #load: Load;
  readonly #answers: Answers;
  readonly #reads: () => SharedReads;
  readonly #clients: readonly { readonly socket: MemorySocket; readonly requests: Requests }[];
  #sent = 0;
  #ended = 0;

  private constructor(engine: Engine, load: Load, peer: Peer) {
    this.#engine = engine;
    this.#load = load;
    this.#answers = new Answers(load.answer, BODY, load.trailers);
    this.#reads = dialInMemory(engine, this.#answers);
    this.#clients = Array.from({ length: CONNECTIONS }, (_, index) => ({
      socket: accept(engine, index + 1, peer, () => (this.#ended += 1)),
      requests: new Requests(load.body),
    }));
  }

  /** `peer`: who all clients are; default: nobody. `change`: what no bootstrap can say. */
  static async of(bootstrap: object, load: Load, peer?: Peer, change?: (config: Config) => void): Promise<PathRig> {
    const read = readBootstrap(textSource(JSON.stringify(bootstrap), 'bench.json'));
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    change?.(read.value.static);
    const engine = new Engine({ secrets: new MemorySecrets(), messages: () => serviceMessages });
    engine.start();
    await engine.apply(read.value.static);
    return new PathRig(engine, load, peer);
  }

  get telemetry(): Engine['telemetry'] {
    return this.#engine.telemetry;
  }

  /** Microseconds a request, of each of so many turns. */
  async turns(count: number): Promise<number[]> {
    const costs: number[] = [];
    while (costs.length < count) costs.push(await this.#turn());
    if (this.#ended !== this.#sent) throw new Error(`${this.#ended} answers to ${this.#sent} requests`);
    return costs;
  }

  async #turn(): Promise<number> {
    const chunks = this.#clients.map(({ requests }) => {
      for (let k = 0; k < STREAMS; k += 1) requests.add(this.#load.request(Math.floor(Math.random() * 1e6)));
      return requests.take();
    });
    this.#sent += CONNECTIONS * STREAMS;
    let began = performance.now();
    this.#clients.forEach(({ socket }, index) => socket.emit('data', chunks[index]));
    await turnsUntil(() => this.#answers.owed === CONNECTIONS * STREAMS);
    let spent = performance.now() - began;
    const pieces = [...this.#answers.take()];
    began = performance.now();
    for (const piece of pieces) this.#reads().receiver?.received(piece, piece.length);
    await turnsUntil(() => this.#ended === this.#sent);
    spent += performance.now() - began;
    return (spent * 1000) / (CONNECTIONS * STREAMS);
  }

  stop(): void {
    this.#engine.stop();
  }
}

/** Turns of the loop until then: what is written leaves one or two later (proxy/time/turn-end.ts). Goes on after a few: whoever counts finds what is missing. */
async function turnsUntil(done: () => boolean): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS && (turn === 0 || !done()); turn += 1)
    await new Promise((resolve) => setImmediate(resolve));
}
const MOST_TURNS = 100;

const end = (port: number): { ip: string; port: number; address: ReturnType<typeof parseIp> } => ({
  ip: '127.0.0.1',
  port,
  address: parseIp('127.0.0.1'),
});

/** A client's connection; `ended` is called for each stream that the engine ends. */
function accept(engine: Engine, id: number, peer: Peer, ended: () => void): MemorySocket {
  const [listener] = engine.listeners.values();
  const terminal = listener?.runtime.chains[0]?.terminal;
  const filterChain = listener?.runtime.row.filterChains[0];
  if (listener === undefined || terminal === undefined || filterChain === undefined) throw new Error('no listener');
  const socket = new MemorySocket((octets) => {
    frames(octets, (type, flags) => {
      if (type < 2 && (flags & 1) === 1) ended();
    });
  });
  terminal.accept({
    id,
    socket: socket.asSocket,
    peer,
    serverName: '',
    alpn: 'h2',
    remote: end(50_000 + id),
    local: end(8080),
    listener: listener.runtime.row,
    filterChain,
    acceptedAt: 0,
  });
  return socket;
}

/** Endpoints are reached in memory from now on; the result asks how octets come to the connection that was made last. */
function dialInMemory(engine: Engine, answers: Answers): () => SharedReads {
  let reads: SharedReads | undefined;
  // A collector is no part of the path: it is dialled as ever.
  for (const cluster of [...engine.clusters.all()].filter(({ name }) => name !== 'collector'))
    for (const endpoint of cluster.endpoints.values())
      endpoint.connect = (handler: ConnectHandler) => {
        const socket = new MemorySocket(answers.received).asSocket;
        reads = handler.reads;
        setImmediate(() =>
          handler.connected({
            endpoint,
            socket,
            alpn: '',
            peerUriSan: '',
            localAddress: '127.0.0.1:1',
            connectedAt: 0,
          }),
        );
        return { cancel() {} };
      };
  return () => {
    if (reads === undefined) throw new Error('no connection was made');
    return reads;
  };
}
