/**
 * Stands between the engine and the backends: every octet that the engine sends goes unchanged to each of them, one connection each, and is read
 * here in the strictest form. A request's answer goes back when every backend has given its own; all must tell of the same one request.
 */
import net from 'node:net';
import { readMessage } from '../attacks/message.ts';
import type { Backend, BackendName } from './backends.ts';
import { Http2Splice } from './http2-splice.ts';
import { OctetQueue } from './octet-queue.ts';
import { listening, type RunningServer } from './recorder.ts';
import { difference, FROM, type Memory, SAW, type Seen, seenOf } from './seen.ts';

/** A request as the engine wrote it, once. */
export interface Routed {
  readonly seen: Seen;
  /** Number of the answer that went back; 0: the tap's own. */
  answer: number;
}

export interface TapOwner {
  /** A whole request has come; `from`: address of the engine's client. */
  routed(from: string, routed: Routed): void;
  disagrees(from: string, text: string): void;
  /** A backend would not take a request that the others may take: it saw none. */
  refusedBy(name: BackendName, status: string, seen: Seen): void;
}

export interface TapSetup {
  /** What the engine speaks to it, and it to the backends. */
  readonly protocol: 'http1' | 'http2';
  readonly memory: Memory;
  readonly owner: TapOwner;
  /** A backend that has not answered after so many ms waits for octets that the engine does not owe. */
  readonly patience: number;
}

export class Tap {
  readonly #backends: readonly Backend[];
  readonly #setup: TapSetup;
  readonly #open = new Set<net.Socket>();
  #running: RunningServer | undefined;
  #turn = 0;

  constructor(backends: readonly Backend[], setup: TapSetup) {
    this.#backends = backends;
    this.#setup = setup;
  }

  get port(): number {
    return this.#running?.port ?? 0;
  }

  async start(): Promise<void> {
    const server = net.createServer((socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
      if (this.#setup.protocol === 'http2') new Http2Splice(socket, this.#backends, this.#setup);
      else new Splice(socket, this.#backends, this.#setup, () => this.#turn++);
    });
    this.#running = await listening(server, this.#open);
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
  }
}

interface Pending {
  readonly routed: Routed;
  readonly from: string;
  readonly waiting: Set<Branch>;
  readonly timer: NodeJS.Timeout;
  answer: Buffer | undefined;
}

/** One connection of the engine with one to each backend. */
class Splice {
  readonly #socket: net.Socket;
  readonly #memory: Memory;
  readonly #owner: TapOwner;
  readonly #patience: number;
  readonly #turn: () => number;
  readonly #queue = new OctetQueue();
  readonly #branches: Branch[];
  #pending: Pending | undefined;
  /** Who the last request was from: to whom what comes late belongs. */
  #last = '';
  #lastLine = '';
  #closing = false;
  /** The last answer is written: what the engine sends now, it must send again elsewhere. */
  #finished = false;
  #closed = false;

  constructor(
    socket: net.Socket,
    backends: readonly Backend[],
    { memory, owner, patience }: TapSetup,
    turn: () => number,
  ) {
    this.#patience = patience;
    this.#socket = socket;
    this.#memory = memory;
    this.#owner = owner;
    this.#turn = turn;
    this.#branches = backends.map((backend) => new Branch(backend, this));
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#arrived(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.close());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#pending?.timer);
    this.#socket.destroy();
    for (const branch of this.#branches) branch.close();
  }

  #arrived(chunk: Buffer): void {
    if (this.#closed || this.#finished) return;
    this.#queue.push(chunk);
    for (const branch of this.#branches) branch.write(chunk);
    this.#read();
  }

  #read(): void {
    if (this.#pending !== undefined || this.#queue.bytes.length === 0) return;
    const reading = readMessage(this.#queue.bytes, { kind: 'request' });
    if (reading === 'more') return;
    if ('fault' in reading) {
      this.#disagrees(`the engine wrote no strict HTTP: ${reading.fault}`);
      this.close();
      return;
    }
    this.#queue.skip(reading.size);
    const seen = seenOf(reading);
    const routed: Routed = { seen, answer: 0 };
    const from = reading.fields.filter(([name]) => name === FROM).map(([, value]) => value);
    this.#last = from.join(',');
    this.#lastLine = reading.line;
    this.#pending = {
      routed,
      from: this.#last,
      waiting: new Set(this.#branches),
      timer: setTimeout(() => this.#late(), this.#patience),
      answer: undefined,
    };
    this.#owner.routed(this.#last, routed);
    for (const branch of this.#branches) branch.read();
  }

  #late(): void {
    const names = [...(this.#pending?.waiting ?? [])].map(({ name }) => name).join(', ');
    this.#disagrees(
      `${names} gave no answer in ${this.#patience} ms: it waits for more, or took the octets for something else`,
    );
    this.close();
  }

  #disagrees(text: string): void {
    this.#owner.disagrees(this.#last, `${text} (${this.#lastLine.slice(0, 120)})`);
  }

  /** The method whose answer is due; undefined: none is. */
  get due(): string | undefined {
    return this.#pending?.routed.seen.method;
  }

  /** Part of a request has come. */
  get begun(): boolean {
    return this.#queue.bytes.length > 0;
  }

  unasked(branch: Branch): void {
    if (this.#closed) return;
    this.#disagrees(`${branch.name} gave one answer more than there are requests: ${branch.text}`);
    this.close();
  }

  answered(branch: Branch, line: string, number: number, raw: Buffer): void {
    const pending = this.#pending;
    if (pending === undefined || !pending.waiting.delete(branch)) return this.unasked(branch);
    const seen = number === 0 ? undefined : this.#memory.take(number);
    if (seen === undefined) {
      this.#owner.refusedBy(branch.name, line, pending.routed.seen);
      this.#closing = true;
    } else {
      const different = difference(pending.routed.seen, seen);
      if (different !== undefined) this.#disagrees(`${branch.name} understood ${different}`);
      if (pending.answer === undefined || this.#turn() % this.#branches.length === 0) {
        pending.answer = raw;
        pending.routed.answer = number;
      }
    }
    if (pending.waiting.size === 0) this.#done(pending);
  }

  /** A backend ends its connection: with no answer it took the octets for something else. */
  ended(branch: Branch): void {
    if (this.#closed) return;
    if (this.#pending?.waiting.has(branch) === true) {
      this.#disagrees(`${branch.name} ended the connection without an answer`);
      this.close();
    } else if (this.#pending === undefined) this.close();
    else this.#closing = true;
  }

  #done(pending: Pending): void {
    clearTimeout(pending.timer);
    this.#pending = undefined;
    this.#socket.write(pending.answer ?? 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx-ring-saw: none\r\n\r\n');
    if (this.#closing) {
      this.#finished = true;
      this.#socket.end();
      return;
    }
    this.#read();
  }
}

class Branch {
  readonly name: BackendName;
  readonly #splice: Splice;
  readonly #socket: net.Socket;
  readonly #queue = new OctetQueue();
  #ended = false;

  constructor({ name, port }: Backend, splice: Splice) {
    this.name = name;
    this.#splice = splice;
    this.#socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#queue.push(chunk);
      this.read();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('end', () => {
      this.#ended = true;
      this.read();
    });
    this.#socket.on('close', () => this.#splice.ended(this));
  }

  get text(): string {
    return JSON.stringify(this.#queue.bytes.toString('latin1', 0, 120));
  }

  write(chunk: Buffer): void {
    if (this.#socket.writable) this.#socket.write(chunk);
  }

  close(): void {
    this.#socket.destroy();
  }

  read(): void {
    while (this.#queue.bytes.length > 0) {
      const method = this.#splice.due;
      const reading = readMessage(this.#queue.bytes, {
        kind: 'response',
        bodiless: method === 'HEAD',
        ended: this.#ended,
      });
      if (reading === 'more') return;
      if (method === undefined) {
        if (!this.#splice.begun || !early(this.#queue.bytes)) this.#splice.unasked(this);
        return;
      }
      if ('fault' in reading) return this.#splice.unasked(this);
      const raw = this.#queue.bytes.subarray(0, reading.size);
      this.#queue.skip(reading.size);
      if (reading.line.startsWith('HTTP/1.1 1')) continue;
      const number = Number(reading.fields.find(([name]) => name === SAW)?.[1] ?? 0);
      this.#splice.answered(this, reading.line, number, raw);
    }
  }
}

/** A refusal may come before the request is whole; it is kept until then. */
const early = (bytes: Buffer): boolean => /^HTTP\/1\.[01] [45]/.test(bytes.toString('latin1', 0, 12));
