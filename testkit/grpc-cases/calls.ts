/** Calls by `@grpc/grpc-js`, of any method, without descriptors: messages are bytes. */
import grpc from '@grpc/grpc-js';
import type { Echo } from '../echo/index.ts';

export interface CallInput {
  readonly target: string;
  readonly method: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface CallOutcome {
  readonly code: number;
  readonly details: string;
  /** '' where none answered. */
  readonly backend: string;
  readonly saw: Readonly<Record<string, string>>;
  /** Metadata of the answer, before and after its message, the first value of each name. */
  readonly answered: Readonly<Record<string, string>>;
  /** ms */
  readonly took: number;
}

const DEADLINE = 10_000;
const raw = (bytes: Buffer): Buffer => bytes;

/** Channels, each kept for its target. */
export class Callers {
  readonly #clients = new Map<string, grpc.Client>();
  readonly #credentials: () => grpc.ChannelCredentials;

  constructor(credentials: () => grpc.ChannelCredentials = () => grpc.credentials.createInsecure()) {
    this.#credentials = credentials;
  }

  call({ target, method, metadata }: CallInput): Promise<CallOutcome> {
    let client = this.#clients.get(target);
    if (client === undefined) {
      client = new grpc.Client(target, this.#credentials());
      this.#clients.set(target, client);
    }
    const sent = new grpc.Metadata();
    for (const [name, value] of Object.entries(metadata)) sent.set(name, value);
    const began = performance.now();
    return new Promise((resolve) => {
      let head = '';
      let answered: Record<string, string> = {};
      const call = (client as grpc.Client).makeUnaryRequest(
        method,
        raw,
        raw,
        Buffer.alloc(0),
        sent,
        { deadline: Date.now() + DEADLINE },
        (error, bytes) => {
          const took = performance.now() - began;
          const told = error?.metadata.get('x-backend')[0];
          if (error !== null) {
            answered = { ...textsOf(error.metadata), ...answered };
            resolve({
              code: error.code,
              details: error.details,
              backend: typeof told === 'string' ? told : head,
              saw: {},
              answered,
              took,
            });
          } else {
            const echo = JSON.parse(String(bytes)) as Echo;
            resolve({ code: 0, details: '', backend: echo.backend, saw: echo.headers, answered, took });
          }
        },
      );
      call.on('metadata', (got: grpc.Metadata) => {
        const [name] = got.get('x-backend');
        if (typeof name === 'string') head = name;
        answered = textsOf(got);
      });
    });
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
    this.#clients.clear();
  }
}

const textsOf = (metadata: grpc.Metadata): Record<string, string> =>
  Object.fromEntries(
    Object.entries(metadata.getMap()).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
