/** Clients whose reading of an answer is compared: octets read strictly, Node's own in both versions, curl, and nginx, HAProxy and Envoy as proxies. */
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';
import { type Message, readMessage } from '../attacks/message.ts';
import { Http2ClientConnection } from './http2-connection.ts';
import { OctetQueue } from './octet-queue.ts';
import { Origins } from './origins.ts';
import type { Field } from './payload.ts';

export interface Asked {
  readonly index: number;
  readonly method: 'GET' | 'HEAD';
}

/** 'cut': the client learnt that what came is not whole, or got nothing. */
export interface Got {
  readonly kind: 'answer' | 'cut';
  readonly status: number;
  /** Names in lower case. */
  readonly fields: readonly Field[];
  readonly body: string;
  /** For people. */
  readonly text: string;
}

/** Where a client asks, and how long it waits for an answer (ms). */
export interface Asking {
  readonly port: number;
  readonly patience: number;
}

export interface AnswerClient {
  readonly name: string;
  /** One answer each, in their order. */
  ask(asked: readonly Asked[]): Promise<Got[]>;
  stop(): Promise<void>;
}

export const cut = (text: string, fields: readonly Field[] = []): Got => ({
  kind: 'cut',
  status: 0,
  fields,
  body: '',
  text,
});

/** So many at a time of each client. */
const LANES = 6;

/** `one` for each, LANES at a time; lane numbers let each lane keep its connection. */
export async function each(asked: readonly Asked[], one: (asked: Asked, lane: number) => Promise<Got>): Promise<Got[]> {
  const got: Got[] = [];
  let next = 0;
  const lane = async (number: number): Promise<void> => {
    while (next < asked.length) {
      const at = next;
      next += 1;
      got[at] = await one(asked[at] as Asked, number);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
  return got;
}

/** A keep-alive connection that reads the strictest form only. */
class StrictConnection {
  readonly #queue = new OctetQueue();
  readonly #socket: net.Socket;
  #bodiless = false;
  #ended = false;
  #done: ((got: Got) => void) | undefined;

  readonly #patience: number;

  constructor({ port, patience }: Asking) {
    this.#patience = patience;
    this.#socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#queue.push(chunk);
      this.#read();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#ended = true;
      this.#read();
      this.#finish(cut(`closed behind ${JSON.stringify(this.#queue.bytes.toString('latin1', 0, 200))}`));
    });
  }

  get usable(): boolean {
    return !this.#ended && this.#socket.writable && this.#queue.bytes.length === 0;
  }

  ask({ index, method }: Asked): Promise<Got> {
    this.#bodiless = method === 'HEAD';
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#finish(cut('late'));
        this.destroy();
      }, this.#patience);
      this.#done = (got) => {
        clearTimeout(timer);
        resolve(got);
      };
      this.#socket.write(`${method} /${index} HTTP/1.1\r\nHost: ring.test\r\n\r\n`);
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #finish(got: Got): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(got);
  }

  #read(): void {
    while (this.#queue.bytes.length > 0 && this.#done !== undefined) {
      const reading = readMessage(this.#queue.bytes, {
        kind: 'response',
        bodiless: this.#bodiless,
        ended: this.#ended,
      });
      if (reading === 'more') return;
      if ('fault' in reading) {
        this.#finish({ ...cut(reading.fault), kind: 'answer' });
        this.destroy();
        return;
      }
      this.#queue.skip(reading.size);
      if (!reading.line.startsWith('HTTP/1.1 1')) this.#finish(gotOf(reading));
    }
    // What nobody asked for shows in the next answer.
  }
}

const gotOf = ({ line, fields, body }: Message): Got => ({
  kind: 'answer',
  status: Number(line.split(' ')[1]),
  fields,
  body,
  text: line,
});

/** `name`'s port speaks HTTP/1.1. */
export function strictClient(name: string, asking: Asking): AnswerClient {
  const lanes = new Map<number, StrictConnection>();
  return {
    name,
    ask: (asked) =>
      each(asked, (one, lane) => {
        let connection = lanes.get(lane);
        if (connection?.usable !== true) {
          connection?.destroy();
          connection = new StrictConnection(asking);
          lanes.set(lane, connection);
        }
        return connection.ask(one);
      }),
    stop: async () => {
      for (const one of lanes.values()) one.destroy();
    },
  };
}

export function strictHttp2Client(name: string, { port, patience }: Asking): AnswerClient {
  const lanes = new Map<number, Http2ClientConnection>();
  const origins = new Origins();
  return {
    name,
    ask: (asked) =>
      each(asked, async ({ index, method }, lane) => {
        let connection = lanes.get(lane);
        if (connection?.usable !== true) {
          connection?.destroy();
          connection = await Http2ClientConnection.open(port, origins);
          lanes.set(lane, connection);
        }
        const fields: Field[] = [
          [':method', method],
          [':scheme', 'http'],
          [':authority', 'ring.test'],
          [':path', `/${index}`],
        ];
        const { kind, sections, body } = await connection.request(
          {
            protocol: 'http2',
            mutators: [],
            connection: 'reused',
            fields,
            data: [],
            trailers: undefined,
            ends: 'last',
            split: 0,
            padding: -1,
          },
          patience,
        );
        const final = sections.find(([first]) => first?.[1].startsWith('1') === false) ?? [];
        if (kind !== 'answered') return cut(kind, final.slice(1));
        const [first, ...rest] = final;
        const status = first?.[0] === ':status' ? first[1] : '';
        return { kind: 'answer', status: Number(status), fields: rest, body, text: status };
      }),
    stop: async () => {
      for (const one of lanes.values()) one.destroy();
    },
  };
}

const pairs = (raw: readonly string[]): Field[] =>
  raw.flatMap((name, index): Field[] => (index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? '']] : []));

export function nodeClient({ port, patience }: Asking): AnswerClient {
  const agent = new http.Agent({ keepAlive: true, maxSockets: LANES });
  const one = ({ index, method }: Asked): Promise<Got> =>
    new Promise((resolve) => {
      const request = http.request(
        {
          host: '127.0.0.1',
          port,
          agent,
          maxHeaderSize: 256 * 1024,
          method,
          path: `/${index}`,
          headers: { host: 'ring.test' },
          timeout: patience,
        },
        (response) => {
          const parts: Buffer[] = [];
          const fields = pairs(response.rawHeaders);
          response.on('data', (chunk: Buffer) => void parts.push(chunk));
          response.on('error', (error) => resolve(cut(String(error), fields)));
          response.on('end', () =>
            resolve({
              kind: 'answer',
              status: response.statusCode ?? 0,
              fields,
              body: Buffer.concat(parts).toString('latin1'),
              text: response.statusMessage ?? '',
            }),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error('late')));
      request.on('error', (error) => resolve(cut(String(error))));
      // After a 101 it is the only one.
      request.on('close', () => resolve(cut('closed')));
      request.end();
    });
  return { name: 'node', ask: (asked) => each(asked, one), stop: async () => agent.destroy() };
}

export function nodeHttp2Client({ port, patience }: Asking): AnswerClient {
  let session: http2.ClientHttp2Session | undefined;
  const connected = (): http2.ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) {
      session = http2.connect(`http://127.0.0.1:${port}`);
      session.on('error', () => {});
    }
    return session;
  };
  const one = ({ index, method }: Asked): Promise<Got> =>
    new Promise((resolve) => {
      const request = connected().request({ ':method': method, ':path': `/${index}`, ':authority': 'ring.test' });
      const parts: Buffer[] = [];
      let fields: Field[] = [];
      let status = 0;
      let ended = false;
      request.setTimeout(patience, () => request.close(8));
      request.on('response', (headers, _, raw) => {
        status = headers[':status'] ?? 0;
        fields = pairs(raw).filter(([name]) => name !== ':status');
      });
      request.on('data', (chunk: Buffer) => void parts.push(chunk));
      request.on('end', () => {
        ended = true;
      });
      request.on('error', () => {});
      request.on('close', () =>
        resolve(
          ended && status > 0 && (request.rstCode === 0 || request.rstCode === undefined)
            ? { kind: 'answer', status, fields, body: Buffer.concat(parts).toString('latin1'), text: String(status) }
            : cut(`reset by ${request.rstCode}`, fields),
        ),
      );
      request.end();
    });
  return { name: 'node, HTTP/2', ask: (asked) => each(asked, one), stop: async () => session?.destroy() };
}
