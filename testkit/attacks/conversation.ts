/** A client that writes octets as they are and reads answers one after the other. */
import net from 'node:net';
import { type Message, readMessage } from './message.ts';

export class Conversation {
  readonly answers: Message[] = [];
  readonly socket: net.Socket;
  /** 'open' until the peer's FIN or RST. */
  state: 'open' | 'ended' | 'reset' = 'open';
  /** What is not an HTTP answer. */
  fault = '';
  #rest: Buffer = Buffer.alloc(0);
  #received: Buffer[] = [];
  #wake: (() => void) | undefined;
  /** The answer at this position has no body. */
  bodilessAt = -1;

  constructor(port: number) {
    this.socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('connect', () => this.#wake?.());
    this.socket.on('data', (chunk) => {
      this.#received.push(chunk);
      this.#rest = Buffer.concat([this.#rest, chunk]);
      this.#read();
    });
    this.socket.on('end', () => {
      if (this.state === 'open') this.state = 'ended';
      this.#read();
    });
    this.socket.on('error', () => {
      this.state = 'reset';
      this.#wake?.();
    });
    this.socket.on('close', () => {
      if (this.state === 'open') this.state = 'ended';
      this.#wake?.();
    });
  }

  write(bytes: Buffer | string): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  get text(): string {
    return Buffer.concat(this.#received).toString('latin1');
  }

  /** Final answers; 1xx are passed over. */
  get finals(): readonly Message[] {
    return this.answers.filter(({ line }) => !line.startsWith('HTTP/1.1 1'));
  }

  /** Waits until `done` or the connection's end or `timeout` ms; says whether `done` came true. */
  async until(done: () => boolean, timeout = 15_000): Promise<boolean> {
    const end = performance.now() + timeout;
    while (!done()) {
      const left = end - performance.now();
      if (left <= 0 || (this.state !== 'open' && !done())) return done();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    return true;
  }

  closed(timeout?: number): Promise<boolean> {
    return this.until(() => this.state !== 'open', timeout);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #read(): void {
    while (this.#rest.length > 0 && this.fault === '') {
      const reading = readMessage(this.#rest, {
        kind: 'response',
        bodiless: this.answers.length === this.bodilessAt,
        ended: this.state !== 'open',
      });
      if (reading === 'more') break;
      if ('fault' in reading) this.fault = reading.fault;
      else {
        this.answers.push(reading);
        this.#rest = this.#rest.subarray(reading.size);
      }
    }
    this.#wake?.();
  }
}

export const statusOf = (answer: Message | undefined): number => Number(answer?.line.split(' ')[1] ?? 0);
