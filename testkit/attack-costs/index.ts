/**
 * What each attack on the wire costs the engine: CPU beside a good request of as many octets, and the most memory a connection. Taken are the
 * attack list (e2e/attacks), its messages of HTTP/2 (e2e/attacks-http2) and the floods (testkit/attacks-http2/floods.ts).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type Attack, type Chain, Conversation, octets, type Probe } from '../attacks/index.ts';
import { FLOODS, type Flood, framesOf, isOver, type MessageAttack, type MessageProbe } from '../attacks-http2/index.ts';
import { block, END_HEADERS, END_STREAM, frame, GOOD, Http2Peer, literal } from '../http2-frames/index.ts';

export interface Load {
  readonly row: number;
  readonly name: string;
  readonly http2: boolean;
  /** Octets that the client sends, and that the backend answers with where it is hostile. */
  readonly sent: number;
  readonly answered: number;
  /** Once, on a connection of its own. */
  readonly attack: (chain: Chain) => Promise<void>;
}

export interface Cost {
  readonly load: Load;
  /** Microseconds of the engine's CPU for one, the least of the rounds; of a good request of as many octets. */
  readonly cpu: number;
  readonly good: number;
  /** KiB more resident, the most of the rounds, for each connection that attacks at once. */
  readonly memory: number;
}

/** KiB that a connection may take at the most, whatever comes on it (docs/strictness.md). */
export const CONNECTION_KIB = 256;

/** Attacks at once, each on its own connection. */
export const AT_ONCE = 32;
/** The longest field and the longest head of a good request; what is more goes into its body. */
const LONG_FIELD = 30_000;
/** Rounds. */
const WARM = 30;
/** ms; a connection that is neither answered nor closed by then is left. */
const PATIENCE = 1500;

export const attackLoads = (attacks: readonly Attack[], messages: readonly MessageAttack[]): readonly Load[] => [
  ...attacks.flatMap(({ row, probes }) => probes.map((probe) => octetLoad(row, probe))),
  ...messages.flatMap(({ row, probes }) => probes.map((probe) => messageLoad(row, probe))),
  ...FLOODS.map(floodLoad),
];

function octetLoad(row: number, probe: Probe): Load {
  const bytes = octets(probe.send);
  const special = probe.answer === undefined ? undefined : octets(probe.answer);
  const wanted = probe.answers ?? probe.forward?.length ?? 1;
  return {
    row,
    name: probe.name,
    http2: false,
    sent: bytes.length,
    answered: special?.length ?? 0,
    attack: async ({ recorder, port }) => {
      recorder.special = special === undefined ? undefined : { bytes: special, close: probe.backendCloses === true };
      const client = new Conversation(port(probe.listener ?? 'safe'));
      if (probe.head === true) client.bodilessAt = 0;
      client.write(bytes);
      await client.until(() => client.finals.length >= wanted || client.fault !== '', PATIENCE);
      if (probe.refuse !== undefined || probe.closes === true) await client.closed(PATIENCE);
      client.destroy();
    },
  };
}

const messageLoad = (row: number, probe: MessageProbe): Load =>
  http2Load(row, probe.name, probe.listener ?? 'safe', framesOf(probe, 1), (client) => isOver(client, probe, 1));

const floodLoad = ({ row, name, octets: make }: Flood): Load =>
  http2Load(
    row,
    name,
    'safe',
    [make()],
    (client) => client.state !== 'open' || client.isComplete(1) || client.resetOf(1) >= 0,
  );

function http2Load(
  row: number,
  name: string,
  listener: string,
  frames: readonly Buffer[],
  over: (client: Http2Peer) => boolean,
): Load {
  return {
    row,
    name,
    http2: true,
    sent: frames.reduce((sum, one) => sum + one.length, 0),
    answered: 0,
    attack: async ({ port }) => {
      const client = await Http2Peer.connect(port(listener));
      for (const one of frames) client.write(one);
      await client.until(() => over(client), PATIENCE);
      client.destroy();
    },
  };
}

/** Good requests of as many octets, and a good answer of as many where the attack's was the backend's. */
function goodLoad({
  http2,
  sent,
  answered,
}: Pick<Load, 'http2' | 'sent' | 'answered'>): (chain: Chain) => Promise<void> {
  if (http2) return goodHttp2(sent);
  const bytes = goodRequest(sent);
  const answer = goodAnswer(answered);
  return async ({ recorder, port }) => {
    recorder.special = answered === 0 ? undefined : { bytes: answer, close: false };
    const client = new Conversation(port('safe'));
    client.write(bytes);
    if (!(await client.until(() => client.finals.length > 0, 30_000)))
      throw new Error(`a good request of ${bytes.length} octets was not answered: ${client.state}`);
    client.destroy();
  };
}

function goodRequest(size: number): Buffer {
  const head = 'GET /probe HTTP/1.1\r\nHost: good.test\r\n';
  const field = 'X: \r\n';
  const left = size - head.length - field.length - 2;
  if (left <= 0) return Buffer.from(`${head}\r\n`);
  if (left <= LONG_FIELD) return Buffer.from(`${head}X: ${'a'.repeat(left)}\r\n\r\n`);
  const post = `POST /probe HTTP/1.1\r\nHost: good.test\r\nContent-Length: ${size}\r\n\r\n`;
  return Buffer.concat([Buffer.from(post), Buffer.alloc(size, 97)]);
}

function goodAnswer(size: number): Buffer {
  const head = (length: number): string => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
  const length = Math.max(0, size - head(size).length);
  return Buffer.from(head(length) + 'a'.repeat(length));
}

/** Up to 90 requests of equal size on one connection: no more may be open at once. */
function goodHttp2(size: number): (chain: Chain) => Promise<void> {
  const head = block(GOOD);
  const count = Math.min(90, Math.max(1, Math.floor(size / 300)));
  const filling = Math.min(16_000 - head.length, Math.max(0, Math.floor(size / count) - 9 - head.length - 6));
  const headers = filling === 0 ? head : Buffer.concat([head, literal('x', 'a'.repeat(filling))]);
  const bytes = Buffer.concat(
    Array.from({ length: count }, (_, index) => frame('HEADERS', END_HEADERS | END_STREAM, 2 * index + 1, headers)),
  );
  return async ({ port }) => {
    const client = await Http2Peer.connect(port('safe'));
    client.write(bytes);
    const done = (): boolean =>
      Array.from({ length: count }, (_, index) => 2 * index + 1).every((id) => client.isComplete(id));
    if (!(await client.until(done, 30_000)))
      throw new Error(`${count} good requests of ${bytes.length} octets were not answered: ${client.state}`);
    client.destroy();
  };
}

export class CostMeter {
  readonly #chain: Chain;
  readonly #pid: number;
  /** Good requests by protocol and the power of the square root of two that their octets reach. */
  readonly #good = new Map<string, number>();

  constructor(chain: Chain) {
    this.#chain = chain;
    this.#pid = chain.engines[0]?.pid ?? 0;
  }

  /** Good requests until the engine's code is compiled: a good one that is dear would excuse the attack. */
  async warmUp(): Promise<void> {
    const small = { http2: false, sent: 0, answered: 0 };
    for (const load of [small, { ...small, http2: true }]) await this.#least(goodLoad(load), WARM);
  }

  /** The least of so many rounds counts: what other work on the machine adds is no cost of the attack. */
  async measure(load: Load, rounds: number): Promise<Cost> {
    const good = await this.#goodOf(load, rounds);
    const { cpu, memory } = await this.#least(load.attack, rounds);
    return { load, cpu, good, memory };
  }

  async #goodOf(load: Load, rounds: number): Promise<number> {
    const class_ = (size: number): number => Math.floor(Math.log2(Math.max(1, size)) * 2);
    const key = `${load.http2} ${class_(load.sent)} ${class_(load.answered)}`;
    const known = this.#good.get(key);
    if (known !== undefined) return known;
    const { cpu } = await this.#least(goodLoad(load), rounds + 2);
    this.#good.set(key, cpu);
    return cpu;
  }

  async #least(run: (chain: Chain) => Promise<void>, rounds: number): Promise<{ cpu: number; memory: number }> {
    let cpu = Number.POSITIVE_INFINITY;
    let memory = 0;
    for (let round = 0; round < rounds; round += 1) {
      this.#chain.recorder.reset();
      forgetPeak(this.#pid);
      const resident = statusKib(this.#pid, 'VmRSS');
      await asleep(this.#pid);
      const before = cpuMicroseconds(this.#pid);
      await Promise.all(Array.from({ length: AT_ONCE }, () => run(this.#chain)));
      await asleep(this.#pid);
      cpu = Math.min(cpu, (cpuMicroseconds(this.#pid) - before) / AT_ONCE);
      memory = Math.max(memory, (statusKib(this.#pid, 'VmHWM') - resident) / AT_ONCE);
    }
    return { cpu, memory };
  }
}

/** KiB resident: now, and the most since it was made. Only one at a time, and no CostMeter's rounds meanwhile: there is one peak a process. Of the whole process, garbage that nobody has collected yet included. */
export class ResidentPeak {
  readonly #pid: number;

  constructor(pid: number) {
    this.#pid = pid;
    forgetPeak(pid);
  }

  get now(): number {
    return statusKib(this.#pid, 'VmRSS');
  }

  get most(): number {
    return statusKib(this.#pid, 'VmHWM');
  }
}

/**
 * Resolves when no thread runs, or after half a second. What a thread has run since it was woken is counted when it sleeps again, or at a tick of
 * some ms: without this the least of rounds is one of which nearly nothing was counted.
 */
async function asleep(pid: number): Promise<void> {
  const end = performance.now() + 500;
  const runs = (thread: string): boolean =>
    /\) R /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1').slice(0, 100));
  while (performance.now() < end && readdirSync(`/proc/${pid}/task`).some(runs))
    await new Promise((resolve) => setImmediate(resolve));
}

/** Of all threads, by the scheduler's own count in nanoseconds; what runs is counted up to its last tick. */
export function cpuMicroseconds(pid: number): number {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
  return sum / 1000;
}

/** VmHWM begins again at what is resident now. */
const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

const statusKib = (pid: number, name: 'VmRSS' | 'VmHWM'): number =>
  Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
