/** A client's HTTP/2 connection that writes whatever fields and frames it is told, one stream at a time. */
import net from 'node:net';
import type { Frame } from '../http2-frames/index.ts';
import { FrameQueue, Sections } from './frame-queue.ts';
import type { Field, Http2Payload } from './payload.ts';
import type { Origin, Origins } from './origins.ts';

export interface Http2Outcome {
  /** 'answered': with a whole answer. 'refused': the stream or connection was ended by an error. 'late': neither. */
  readonly kind: 'answered' | 'refused' | 'late';
  /** Header sections in their order: interim answers, the final one, trailers. */
  readonly sections: readonly (readonly Field[])[];
  /** Those of all sections. */
  readonly fields: readonly Field[];
  readonly body: string;
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const CONTINUATION = 9;
const END_STREAM = 1;
const END_HEADERS = 4;
const PADDED = 8;

function frame(type: number, flags: number, stream: number, payload: string): string {
  const octets = [
    payload.length >> 16,
    payload.length >> 8,
    payload.length,
    type,
    flags,
    stream >> 24,
    stream >> 16,
    stream >> 8,
    stream,
  ];
  return String.fromCharCode(...octets.map((octet) => octet & 255)) + payload;
}

const uint32 = (value: number): string =>
  String.fromCharCode(value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255);

/** Literal without indexing, names and values as they are (RFC 7541, 6.2.2). */
const block = (fields: readonly Field[]): string =>
  fields.map(([name, value]) => `\0${literal(name)}${literal(value)}`).join('');

function literal(text: string): string {
  if (text.length < 127) return String.fromCharCode(text.length) + text;
  let head = '\x7f';
  let rest = text.length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) head += String.fromCharCode((rest % 128) | 128);
  return head + String.fromCharCode(rest) + text;
}

/** All frames of a payload on that stream. */
export function http2Frames(payload: Http2Payload, stream: number): string {
  const { data, trailers, split, padding } = payload;
  const ends = payload.ends === 'last' ? END_STREAM : 0;
  let text = section(block(payload.fields), stream, data.length === 0 && trailers === undefined ? ends : 0, split);
  data.forEach((part, index) => {
    const last = index === data.length - 1 && trailers === undefined ? ends : 0;
    text +=
      padding < 0
        ? frame(DATA, last, stream, part)
        : frame(DATA, last | PADDED, stream, String.fromCharCode(padding) + part + '\0'.repeat(padding));
  });
  if (trailers !== undefined) text += section(block(trailers), stream, ends, 0);
  return text;
}

function section(text: string, stream: number, flags: number, split: number): string {
  if (split === 0 || text.length <= split) return frame(HEADERS, flags | END_HEADERS, stream, text);
  const size = Math.max(split, Math.ceil(text.length / 10));
  let frames = frame(HEADERS, flags, stream, text.slice(0, size));
  for (let at = size; at < text.length; at += size)
    frames += frame(CONTINUATION, at + size >= text.length ? END_HEADERS : 0, stream, text.slice(at, at + size));
  return frames;
}

export class Http2ClientConnection {
  readonly origin: Origin;
  readonly #socket: net.Socket;
  readonly #frames = new FrameQueue();
  readonly #sections = new Sections();
  #stream = -1;
  #got: (readonly Field[])[] = [];
  #body = '';
  #state: 'open' | 'answered' | 'refused' = 'open';
  #failed = false;
  #wake: (() => void) | undefined;

  private constructor(socket: net.Socket, origin: Origin) {
    this.#socket = socket;
    this.origin = origin;
    socket.on('data', (chunk) => {
      this.#frames.push(chunk);
      for (let next = this.#frames.next(); next !== undefined; next = this.#frames.next()) this.#frame(next);
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#fail());
    this.#write(PREFACE + frame(SETTINGS, 0, 0, '') + frame(WINDOW_UPDATE, 0, 0, uint32(1 << 30)));
  }

  static open(port: number, origins: Origins): Promise<Http2ClientConnection> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Http2ClientConnection(socket, origins.open(socket.localPort ?? 0)));
      });
    });
  }

  get usable(): boolean {
    return !this.#failed && this.#socket.writable;
  }

  async request(payload: Http2Payload, timeout: number): Promise<Http2Outcome> {
    this.#stream += 2;
    this.#got = [];
    this.#body = '';
    this.#state = this.#failed ? 'refused' : 'open';
    this.origin.routed = [];
    this.origin.faults = [];
    this.#write(http2Frames(payload, this.#stream));
    // One that never ends is given up; the acknowledged PING tells that all of it has been read.
    if (payload.ends === 'nowhere')
      this.#write(frame(PING, 0, 0, 'ringring') + frame(RST_STREAM, 0, this.#stream, uint32(8)));
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#wake?.();
    }, timeout);
    while (this.#state === 'open' && !late) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    clearTimeout(timer);
    const sections = this.#got;
    return { kind: this.#state === 'open' ? 'late' : this.#state, sections, fields: sections.flat(), body: this.#body };
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #write(text: string): void {
    if (this.#socket.writable) this.#socket.write(Buffer.from(text, 'latin1'));
  }

  #fail(): void {
    this.#failed = true;
    this.#end('refused');
  }

  #end(state: 'answered' | 'refused'): void {
    if (this.#state === 'open') this.#state = state;
    this.#wake?.();
  }

  #frame(got: Frame): void {
    const { type, flags, stream, payload } = got;
    const section = this.#sections.take(got);
    if (type === SETTINGS && (flags & 1) === 0) this.#write(frame(SETTINGS, 1, 0, ''));
    else if (type === GOAWAY || typeof section === 'string') this.#fail();
    else if (type === PING && (flags & 1) === 1) this.#end('refused');
    else if (type === PING) this.#write(frame(PING, 1, 0, payload.toString('latin1')));
    if (typeof section === 'object' && section.stream === this.#stream) {
      this.#got.push(section.fields);
      if (section.ends) this.#end('answered');
    }
    if (stream !== this.#stream) return;
    if (type === RST_STREAM) this.#end('refused');
    else if (type === DATA) {
      this.#body += payload.toString('latin1');
      if (payload.length > 0) this.#write(frame(WINDOW_UPDATE, 0, stream, uint32(payload.length)));
      if ((flags & END_STREAM) !== 0) this.#end('answered');
    }
  }
}
