/** A client's HTTP/1.1 connection that writes octets as they are and reads answers in their strictest form. */
import net from 'node:net';
import { type Message, readMessage } from '../attacks/message.ts';
import { OctetQueue } from './octet-queue.ts';
import type { Origin, Origins } from './origins.ts';

const WARM = 'GET /warm HTTP/1.1\r\nHost: ring.test\r\n\r\n';

export class Http1Connection {
  readonly #socket: net.Socket;
  readonly origin: Origin;
  readonly #queue = new OctetQueue();
  #wake: (() => void) | undefined;
  #methods: readonly string[] = [];
  /** Final answers since `begin`. */
  answers: Message[] = [];
  closed = false;
  /** What came and is no answer. */
  fault = '';

  private constructor(socket: net.Socket, origin: Origin) {
    this.#socket = socket;
    this.origin = origin;
    socket.on('data', (chunk) => {
      this.#queue.push(chunk);
      this.#read();
    });
    socket.on('end', () => this.#ended());
    socket.on('error', () => {});
    socket.on('close', () => this.#ended());
  }

  static open(port: number, origins: Origins): Promise<Http1Connection> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Http1Connection(socket, origins.open(socket.localPort ?? 0)));
      });
    });
  }

  /** The next payload may come on it. */
  get reusable(): boolean {
    return !this.closed && this.fault === '' && this.#socket.writable;
  }

  /** What came after the last payload's answers; '': nothing. */
  get unasked(): string {
    if (this.#settled < 0) return '';
    return this.fault !== '' ? this.fault : this.answers.length > this.#settled ? 'an answer to no request' : '';
  }

  /** The payload has been judged by the answers so far. */
  settle(): void {
    this.#settled = this.fault === '' ? this.answers.length : -1;
  }
  #settled = -1;

  async warm(timeout: number): Promise<boolean> {
    this.begin(['GET']);
    await this.send(WARM, []);
    return this.until(() => this.answers.length === 1, timeout);
  }

  /** Answers from now on belong to requests with these methods. */
  begin(methods: readonly string[]): void {
    this.#methods = methods;
    this.answers = [];
    this.origin.routed = [];
    this.origin.faults = [];
  }

  async send(text: string, cuts: readonly number[]): Promise<void> {
    let at = 0;
    for (const cut of [...cuts, text.length]) {
      if (this.#socket.writable) this.#socket.write(Buffer.from(text.slice(at, cut), 'latin1'));
      at = cut;
      if (at < text.length) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** True when `done` came true; false at the connection's end or after `timeout` ms. */
  async until(done: () => boolean, timeout: number): Promise<boolean> {
    if (done()) return true;
    if (this.closed) return false;
    let timer: NodeJS.Timeout | undefined;
    let late = false;
    while (!done() && !this.closed && !late) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        timer ??= setTimeout(() => {
          late = true;
          this.#wake?.();
        }, timeout);
      });
    }
    clearTimeout(timer);
    return done();
  }

  #ended(): void {
    if (this.closed) return;
    this.closed = true;
    this.#read();
    if (this.#queue.bytes.length > 0 && this.fault === '') this.#readBodiless();
    this.#wake?.();
    this.#socket.destroy();
  }

  /** An error answer to a request whose method nobody can know. */
  #readBodiless(): void {
    const reading = readMessage(this.#queue.bytes, { kind: 'response', bodiless: true, ended: true });
    if (reading === 'more' || 'fault' in reading || !/^HTTP\/1\.1 [45]/.test(reading.line))
      this.fault = 'half an answer';
    else this.answers.push(reading);
  }

  #read(): void {
    while (this.#queue.bytes.length > 0 && this.fault === '') {
      const bodiless = this.#methods[this.answers.length] === 'HEAD';
      const reading = readMessage(this.#queue.bytes, { kind: 'response', bodiless, ended: this.closed });
      if (reading === 'more') break;
      if ('fault' in reading) {
        this.fault = reading.fault;
        break;
      }
      this.#queue.skip(reading.size);
      if (!/^HTTP\/1\.1 1(?!01)/.test(reading.line)) this.answers.push(reading);
    }
    this.#wake?.();
  }
}
