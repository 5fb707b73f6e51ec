/**
 * The tap's connection of the engine in HTTP/2: its octets go unchanged to each backend, one connection each, and are read here in the strictest
 * form. The tap answers each stream itself when every backend has told by number what it understood.
 */
import net from 'node:net';
import {
  ACK,
  block,
  END_HEADERS,
  END_STREAM,
  frame,
  type Frame,
  PREFACE,
  settings,
  TYPES,
  uint32,
} from '../http2-frames/index.ts';
import type { Backend, BackendName } from './backends.ts';
import { FrameQueue, Sections, unpadded } from './frame-queue.ts';
import type { Field } from './payload.ts';
import { readHttp2 } from './reference.ts';
import { difference, FROM, http2Seen, type Memory, SAW, type Seen } from './seen.ts';
import type { Routed, TapOwner, TapSetup } from './tap.ts';

interface Stream {
  readonly fields: readonly Field[];
  readonly data: string[];
  trailers: readonly Field[] | undefined;
  /** Set when the request is whole. */
  pending: Pending | undefined;
}

interface Pending {
  readonly routed: Routed;
  readonly from: string;
  readonly waiting: Set<Branch>;
  readonly timer: NodeJS.Timeout;
}

const MAX_CONCURRENT_STREAMS = 3;

export class Http2Splice {
  readonly #socket: net.Socket;
  readonly #memory: Memory;
  readonly #owner: TapOwner;
  readonly #patience: number;
  readonly #frames = new FrameQueue(PREFACE.length);
  readonly #sections = new Sections();
  readonly #streams = new Map<number, Stream>();
  readonly #branches: readonly Branch[];
  #closed = false;

  constructor(socket: net.Socket, backends: readonly Backend[], { memory, owner, patience }: TapSetup) {
    this.#socket = socket;
    this.#memory = memory;
    this.#owner = owner;
    this.#patience = patience;
    this.#branches = backends.map((backend) => new Branch(backend, this));
    socket.setNoDelay(true);
    // One exchange at a time, so that a backend that ends its connection takes no other with it.
    socket.write(frame('SETTINGS', 0, 0, settings([MAX_CONCURRENT_STREAMS, 1])));
    socket.on('data', (chunk) => this.#arrived(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.close());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { pending } of this.#streams.values()) clearTimeout(pending?.timer);
    this.#socket.destroy();
    for (const branch of this.#branches) branch.close();
  }

  #arrived(chunk: Buffer): void {
    if (this.#closed) return;
    for (const branch of this.#branches) branch.write(chunk);
    this.#frames.push(chunk);
    for (let next = this.#frames.next(); next !== undefined && !this.#closed; next = this.#frames.next())
      this.#frame(next);
  }

  #frame(got: Frame): void {
    const { type, flags, stream: id, payload } = got;
    const section = this.#sections.take(got);
    if (typeof section === 'string') return this.#broken('', section);
    const stream = this.#streams.get(id);
    if (section !== undefined) {
      if (stream === undefined) this.#streams.set(id, begun(section.fields));
      else stream.trailers = section.fields;
      if (section.ends) this.#whole(id);
    } else if (type === TYPES.DATA) {
      if (stream === undefined) return this.#broken('', `DATA on stream ${id}, which has not begun`);
      stream.data.push(unpadded(flags, payload).toString('latin1'));
      if (payload.length > 0) {
        this.#write(frame('WINDOW_UPDATE', 0, 0, uint32(payload.length)));
        this.#write(frame('WINDOW_UPDATE', 0, id, uint32(payload.length)));
      }
      if ((flags & END_STREAM) !== 0) this.#whole(id);
    } else if (type === TYPES.RST_STREAM) this.#over(id);
    else if (type === TYPES.SETTINGS && (flags & ACK) === 0) this.#write(frame('SETTINGS', ACK, 0));
    else if (type === TYPES.PING && (flags & ACK) === 0) this.#write(frame('PING', ACK, 0, payload));
  }

  #whole(id: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.pending !== undefined) return this.#broken('', `a second end of stream ${id}`);
    const value = (name: string): string => stream.fields.find(([other]) => other === name)?.[1] ?? '';
    const from = value(FROM);
    const reading = readHttp2({
      protocol: 'http2',
      mutators: [],
      connection: 'fresh',
      ...stream,
      ends: 'last',
      split: 0,
      padding: 0,
    });
    if (typeof reading === 'string') return this.#broken(from, JSON.stringify(stream.fields).slice(0, 300));
    const routed: Routed = { seen: http2Seen(stream.fields, stream.data.join('')), answer: 0 };
    stream.pending = {
      routed,
      from,
      waiting: new Set(this.#branches),
      timer: setTimeout(() => this.#late(id), this.#patience),
    };
    this.#owner.routed(from, routed);
    for (const branch of this.#branches) branch.due(id);
  }

  #late(id: number): void {
    const pending = this.#streams.get(id)?.pending;
    const names = [...(pending?.waiting ?? [])].map(({ name }) => name).join(', ');
    this.#owner.disagrees(pending?.from ?? '', `${names} gave no answer in ${this.#patience} ms`);
    this.close();
  }

  #broken(from: string, text: string): void {
    this.#owner.disagrees(from, `the engine wrote no strict HTTP/2: ${text}`);
    this.close();
  }

  /** The request on that stream is whole. */
  whole(id: number): boolean {
    return this.#streams.get(id)?.pending !== undefined;
  }

  /** `number` 0: the backend saw no request, and says `status` of it. */
  answered(branch: Branch, id: number, status: string, number: number): void {
    const pending = this.#streams.get(id)?.pending;
    if (pending === undefined || !pending.waiting.delete(branch)) return;
    const seen = number === 0 ? undefined : this.#memory.take(number);
    if (seen === undefined) this.#owner.refusedBy(branch.name, status, pending.routed.seen);
    else {
      const different = difference(portless(pending.routed.seen), portless(seen));
      if (different !== undefined) this.#owner.disagrees(pending.from, `${branch.name} understood ${different}`);
      pending.routed.answer = number;
    }
    if (pending.waiting.size === 0) this.#answer(id, pending);
  }

  /** The backend's connection is over: it takes no more. */
  ended(branch: Branch): void {
    if (this.#closed) return;
    // Answering takes streams away, which a Map's own iteration bears.
    for (const id of this.#streams.keys()) this.answered(branch, id, 'end of the connection', 0);
    this.#goAway();
  }

  #answer(id: number, { routed: { seen, answer } }: Pending): void {
    const head = block([
      [':status', '200'],
      [SAW, answer === 0 ? 'none' : String(answer)],
    ]);
    const bodiless = seen.method === 'HEAD';
    this.#write(frame('HEADERS', END_HEADERS | (bodiless ? END_STREAM : 0), id, head));
    if (!bodiless) this.#write(frame('DATA', END_STREAM, id, Buffer.from(answer === 0 ? '' : `saw ${answer}`)));
    this.#over(id);
    if (this.#branches.some(({ over }) => over)) this.#goAway();
  }

  /** With nothing under way the connection ends; what comes now must be sent elsewhere. */
  #goAway(): void {
    if (this.#closed || this.#streams.size > 0) return;
    this.#write(frame('GOAWAY', 0, 0, Buffer.concat([uint32(0x7fffffff), uint32(0)])));
    this.#socket.end();
  }

  #over(id: number): void {
    clearTimeout(this.#streams.get(id)?.pending?.timer);
    this.#streams.delete(id);
    for (const branch of this.#branches) branch.forget(id);
  }

  #write(bytes: Buffer): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }
}

const begun = (fields: readonly Field[]): Stream => ({ fields, data: [], trailers: undefined, pending: undefined });

/** The port that `http` implies may be left out (RFC 9110, 4.2.3). */
const portless = (seen: Seen): Seen => ({ ...seen, host: seen.host.replace(/:80$/, '') });

/** The connection to one backend. An answer that comes before its request is whole is kept until then. */
class Branch {
  readonly name: BackendName;
  readonly #splice: Http2Splice;
  readonly #socket: net.Socket;
  readonly #frames = new FrameQueue();
  readonly #sections = new Sections();
  readonly #early = new Map<number, readonly [status: string, number: number]>();
  over = false;

  constructor({ name, http2Port }: Backend, splice: Http2Splice) {
    this.name = name;
    this.#splice = splice;
    this.#socket = net.connect({ host: '127.0.0.1', port: http2Port, noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#frames.push(chunk);
      for (let next = this.#frames.next(); next !== undefined; next = this.#frames.next()) this.#frame(next);
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.over = true;
      this.#splice.ended(this);
    });
  }

  write(chunk: Buffer): void {
    if (this.#socket.writable) this.#socket.write(chunk);
  }

  close(): void {
    this.#socket.destroy();
  }

  due(id: number): void {
    const early = this.#early.get(id);
    if (early !== undefined) this.#splice.answered(this, id, ...early);
    else if (this.over) this.#splice.answered(this, id, 'end of the connection', 0);
  }

  forget(id: number): void {
    this.#early.delete(id);
  }

  #frame(got: Frame): void {
    const { type, flags, stream, payload } = got;
    const section = this.#sections.take(got);
    if (type === TYPES.GOAWAY) this.over = true;
    else if (type === TYPES.RST_STREAM) this.#told(stream, `RST_STREAM ${payload.readUInt32BE(0)}`, 0);
    else if (type === TYPES.PING && (flags & ACK) === 0) this.write(frame('PING', ACK, 0, payload));
    else if (typeof section === 'string') this.#told(stream, section, 0);
    else if (section !== undefined) {
      const value = (name: string): string | undefined => section.fields.find(([other]) => other === name)?.[1];
      const status = value(':status');
      if (status !== undefined && !status.startsWith('1')) this.#told(stream, status, Number(value(SAW) ?? 0));
    }
  }

  #told(id: number, status: string, number: number): void {
    if (this.#splice.whole(id)) this.#splice.answered(this, id, status, number);
    else if (!this.#early.has(id)) this.#early.set(id, [status, number]);
  }
}
