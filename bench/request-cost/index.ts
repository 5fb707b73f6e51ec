/**
 * What a request costs our engine in CPU, as a part of what it costs the plainest proxy made of Node's own modules, on the same machine in the same
 * seconds. Both are processes of their own; ours is started as users start it, so that flags and the code of the start count too. It is
 * made for finding what costs several times as much as before, on a machine that does other work: not for figures.
 */
import path from 'node:path';
import { cpuMicroseconds } from '@weft/testkit/attack-costs';
import { startEngine } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import { TestProcess } from '@weft/testkit/process';
import { benchBootstrap } from '../proxy/bootstrap.ts';
import type { Fields } from '../path/peers.ts';
import { Backend, Client, type Protocol, type Wire } from './peers.ts';

/** Requests before the first round, while V8 still compiles, and in each round. */
const WARM = 1600;
const ROUND = 300;
const ROUNDS = 5;

const manyFields: Fields = Array.from({ length: 60 }, (_, index) => [`x-field-${index}`, 'v'.repeat(12)] as const);
const HTTP1 = { protocol: 'http1', method: 'GET', fields: [], message: false, connections: 16, streams: 1 } as const;
const HTTP2 = { ...HTTP1, protocol: 'http2', connections: 4, streams: 25 } as const;

/**
 * By name; `most`: the part of the yardstick's CPU that ours may be at the most. Seen on a very busy machine (load average 20 to 60): 0.49 to 0.71,
 * 0.36 to 0.51, 0.28 to 0.43, 0.20 to 0.25 and 0.28 to 0.67; and where V8's compilers were held back, at least 1.21, 1.61, 1.08, 1.42 and 0.98.
 */
export const LOADS: Readonly<Record<string, Wire & { readonly most: number }>> = {
  'HTTP/1.1': { ...HTTP1, most: 0.95 },
  'HTTP/1.1, 60 fields': { ...HTTP1, fields: manyFields, most: 0.9 },
  'HTTP/2': { ...HTTP2, most: 0.7 },
  'HTTP/2, 60 fields': { ...HTTP2, fields: manyFields, most: 0.7 },
  gRPC: {
    ...HTTP2,
    method: 'POST',
    fields: [
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
    ],
    message: true,
    most: 0.8,
  },
};

export interface RequestCost {
  /** Microseconds of CPU a request, median of the rounds. */
  readonly weft: number;
  readonly yardstick: number;
  /** Median of the rounds' ratios. */
  readonly ratio: number;
}

/** A proxy under test. */
interface Side {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<unknown>;
}

/** Microseconds of a side's CPU a request. */
async function asked({ pid }: Side, clients: readonly Client[], requests: number): Promise<number> {
  const before = cpuMicroseconds(pid);
  const each = Math.ceil(requests / clients.length);
  await Promise.all(clients.map((client) => client.ask(each)));
  return (cpuMicroseconds(pid) - before) / (each * clients.length);
}

const connected = ({ port }: Side, wire: Wire): Promise<Client[]> =>
  Promise.all(Array.from({ length: wire.connections }, () => Client.connect(port, wire)));

async function engine(protocol: Protocol, backend: number, folder: string): Promise<Side> {
  const accessLog = path.join(folder, 'access.log');
  const bootstrap = benchBootstrap({ port: 0, backend, adminPath: '', http2: protocol === 'http2', accessLog });
  const running = await startEngine({ engine: 'weft', folder, name: 'weft', bootstrap: { ...bootstrap } });
  return { pid: running.process.pid, port: running.port('bench'), stop: () => running.stop() };
}

async function yardstick(protocol: Protocol, backend: number): Promise<Side> {
  const script = path.join(import.meta.dirname, 'yardstick.ts');
  const running = new TestProcess(process.execPath, [script, protocol, String(backend)]);
  const [, port] = await running.matching(/^port (\d+)$/m);
  return { pid: running.pid, port: Number(port), stop: () => running.stop() };
}

/** Both proxies for one protocol, with JSON access log on ours. The program is the checkout's, or that of WEFT_PROGRAM (testkit/program). */
export class RequestCosts implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  readonly #backend: Backend;
  #sides: { readonly weft: Side; readonly yardstick: Side } | undefined;

  private constructor(protocol: Protocol) {
    this.#backend = new Backend(protocol);
  }

  static async start(protocol: Protocol): Promise<RequestCosts> {
    const made = new RequestCosts(protocol);
    const port = await made.#backend.start();
    const [weft, plain] = await Promise.all([engine(protocol, port, made.#folder.path), yardstick(protocol, port)]);
    made.#sides = { weft, yardstick: plain };
    return made;
  }

  async measure(wire: Wire): Promise<RequestCost> {
    if (this.#sides === undefined) throw new Error('not started');
    const { weft, yardstick: plain } = this.#sides;
    const [ours, theirs] = await Promise.all([connected(weft, wire), connected(plain, wire)]);
    await Promise.all([asked(weft, ours, WARM), asked(plain, theirs, WARM)]);
    const costs: { readonly weft: number; readonly yardstick: number }[] = [];
    while (costs.length < ROUNDS)
      costs.push({ weft: await asked(weft, ours, ROUND), yardstick: await asked(plain, theirs, ROUND) });
    for (const client of [...ours, ...theirs]) client.stop();
    const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[ROUNDS >> 1] ?? Number.NaN;
    return {
      weft: median(costs.map((cost) => cost.weft)),
      yardstick: median(costs.map((cost) => cost.yardstick)),
      ratio: median(costs.map((cost) => cost.weft / cost.yardstick)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#sides?.weft.stop(), this.#sides?.yardstick.stop()]);
    await this.#backend[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

export const described = (name: string, { weft, yardstick, ratio }: RequestCost): string =>
  `${name}: ${weft.toFixed(1)} us of CPU a request, Node's own modules ${yardstick.toFixed(1)}: ${ratio.toFixed(2)}`;

/** `npm run bench -- request-cost`. */
export async function benchRequestCost(): Promise<void> {
  for (const protocol of ['http1', 'http2'] as const) {
    await using costs = await RequestCosts.start(protocol);
    for (const [name, wire] of Object.entries(LOADS))
      if (wire.protocol === protocol) process.stdout.write(`${described(name, await costs.measure(wire))}\n`);
  }
}
