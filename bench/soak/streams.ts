/** The soak's streams: long-lived and short TCP connections and a WebSocket, each echoing; every byte must come back, none may be cut. */
import { randomBytes, randomInt } from 'node:crypto';
import net from 'node:net';

/** ms in which an echo must be back. */
const PATIENCE = 15_000;

interface Port {
  readonly tcp: number;
  readonly web: number;
}

export class Streams {
  readonly #port: Port;
  readonly #fail: (what: string) => void;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #ends: (() => void)[] = [];
  #over = false;
  echoes = 0;
  short = 0;

  constructor(port: Port, fail: (what: string) => void) {
    this.#port = port;
    this.#fail = fail;
  }

  start(): void {
    for (let index = 0; index < 4; index += 1) this.#long(`long-lived TCP ${index}`);
    for (let index = 0; index < 2; index += 1) this.#webSocket(`WebSocket ${index}`);
    this.#timers.push(setInterval(() => this.#short(), 250));
  }

  stop(): void {
    this.#over = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const end of this.#ends) end();
  }

  /** Calls `send` with new bytes as soon as the last are back, with a pause between. */
  #exchange(
    what: string,
    send: (bytes: Buffer) => void,
  ): { readonly received: (bytes: Buffer) => void; readonly end: () => void } {
    let ended = false;
    let sent = Buffer.alloc(0);
    let got = 0;
    let since = performance.now();
    const next = (): void => {
      if (this.#over || ended) return;
      sent = randomBytes(randomInt(1, 32_768));
      got = 0;
      since = performance.now();
      send(sent);
    };
    this.#timers.push(
      setInterval(() => {
        if (ended || got === sent.length || performance.now() - since < PATIENCE) return;
        this.#fail(`${what}: ${got} of ${sent.length} bytes came back within ${PATIENCE} ms`);
        since = Number.POSITIVE_INFINITY;
      }, 1000),
    );
    this.#timers.push(setTimeout(next, 10));
    return {
      received: (bytes) => {
        if (!bytes.equals(sent.subarray(got, got + bytes.length))) this.#fail(`${what}: other bytes came back`);
        got += bytes.length;
        if (got !== sent.length) return;
        this.echoes += 1;
        setTimeout(next, randomInt(50, 400)).unref();
      },
      end: () => {
        ended = true;
      },
    };
  }

  #long(what: string): void {
    const socket = net.connect(this.#port.tcp, '127.0.0.1');
    const { received, end } = this.#exchange(what, (bytes) => socket.write(bytes));
    const began = performance.now();
    socket.on('data', received);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      end();
      if (this.#over) return;
      this.#fail(`${what}: closed after ${((performance.now() - began) / 1000).toFixed(1)} s`);
      setTimeout(() => this.#over || this.#long(what), 1000).unref();
    });
    this.#ends.push(() => socket.destroy());
  }

  #webSocket(what: string): void {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port.web}/`);
    socket.binaryType = 'arraybuffer';
    const began = performance.now();
    socket.addEventListener('open', () => {
      const { received, end } = this.#exchange(what, (bytes) => socket.send(Uint8Array.from(bytes)));
      socket.addEventListener('close', end);
      socket.addEventListener('message', ({ data }) => received(Buffer.from(data as ArrayBuffer)));
    });
    socket.addEventListener('error', () => undefined);
    socket.addEventListener('close', ({ code }) => {
      if (this.#over) return;
      this.#fail(`${what}: closed with ${code} after ${((performance.now() - began) / 1000).toFixed(1)} s`);
      setTimeout(() => this.#over || this.#webSocket(what), 1000).unref();
    });
    this.#ends.push(() => socket.close());
  }

  /** One connection: some bytes, half-close, the same bytes and the end back. */
  #short(): void {
    const sent = randomBytes(randomInt(1, 65_536));
    const parts: Buffer[] = [];
    const socket = net.connect({ port: this.#port.tcp, host: '127.0.0.1', allowHalfOpen: true });
    let failure: string | undefined;
    socket.setTimeout(PATIENCE, () => {
      failure = `no byte for ${PATIENCE} ms`;
      socket.destroy();
    });
    socket.on('data', (chunk) => parts.push(chunk));
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('close', () => {
      this.short += 1;
      const got = Buffer.concat(parts);
      if (failure === undefined && !got.equals(sent)) failure = `${got.length} of ${sent.length} bytes came back`;
      if (failure !== undefined && !this.#over) this.#fail(`short TCP: ${failure}`);
    });
    socket.end(sent);
  }
}
