/**
 * The other end of ads-scale.ts: many ADS clients in one process, each on a connection of its own, over node:http2 with own framing (a
 * client library would be most of what is measured). Talks to its parent by messages; see `Order` and `Report`.
 */
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import net from 'node:net';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ADS_STREAM,
  CLUSTER_TYPE,
  decodeDiscoveryResponse,
  encodeDiscoveryRequest,
  ENDPOINT_TYPE,
  LISTENER_TYPE,
  NO_NODE,
  ROUTE_TYPE,
} from '@weft/envoy/discovery';

export interface Order {
  readonly kind: 'start';
  readonly path: string;
  readonly streams: number;
  readonly endpointNames: readonly string[];
  readonly routeNames: readonly string[];
  /** Connections opened at a time, and ms between. */
  readonly ramp: { readonly batch: number; readonly everyMs: number };
}

export type Report =
  | { readonly kind: 'synced'; readonly streams: number; readonly bytes: number; readonly at: bigint }
  /** Arrival times of the newest response of endpoints at each stream, as process.hrtime. */
  | { readonly kind: 'changed'; readonly arrivals: readonly bigint[] };

const frame = (message: Uint8Array): Buffer => {
  const framed = Buffer.allocUnsafe(message.length + 5);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, 5);
  return framed;
};

interface Shape {
  readonly typeUrl: string;
  readonly ack: Buffer;
}

/** The same response is answered with the same bytes: decoded once for all streams. */
class Answers {
  readonly #shapes = new Map<string, Shape>();
  readonly #names: ReadonlyMap<string, readonly string[]>;

  constructor(order: Order) {
    this.#names = new Map([
      [ENDPOINT_TYPE, order.endpointNames],
      [ROUTE_TYPE, order.routeNames],
    ]);
  }

  /** The tail of a response holds its type and nonce. */
  to(message: Buffer): Shape {
    const key = `${message.length} ${message.subarray(0, 20).toString('latin1')} ${message.subarray(-160).toString('latin1')}`;
    const known = this.#shapes.get(key);
    if (known !== undefined) return known;
    const response = decodeDiscoveryResponse(message);
    if (!response.ok) throw new Error('undecodable response');
    const { typeUrl, versionInfo, nonce } = response.value;
    const ack = this.request(typeUrl, versionInfo, nonce);
    const shape = { typeUrl, ack };
    this.#shapes.set(key, shape);
    return shape;
  }

  request(typeUrl: string, versionInfo = '', responseNonce = '', id?: string): Buffer {
    const resourceNames = this.#names.get(typeUrl) ?? [];
    const node = id === undefined ? undefined : { ...NO_NODE, id, userAgent: 'weft' };
    return frame(
      encodeDiscoveryRequest({ typeUrl, versionInfo, responseNonce, resourceNames, node, error: undefined }),
    );
  }
}

class Client {
  readonly #answers: Answers;
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  readonly #asked = new Set<string>();
  #pending: Buffer[] = [];
  #have = 0;
  #need = 5;
  readonly acknowledged = new Set<string>();
  bytes = 0;
  endpointsAt = 0n;

  constructor(order: Order, index: number, answers: Answers, onProgress: () => void) {
    this.#answers = answers;
    this.#session = connect('http://control-plane', {
      createConnection: () => net.connect(order.path),
      settings: { initialWindowSize: 1_048_576 },
    });
    this.#session.once('connect', (session) => session.setLocalWindowSize(4 * 1_048_576));
    this.#stream = this.#session.request({
      ':method': 'POST',
      ':path': ADS_STREAM,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    this.#stream.on('data', (chunk: Buffer) => {
      this.#read(chunk);
      onProgress();
    });
    this.#session.on('error', (error) => {
      throw error;
    });
    this.#stream.on('error', (error) => {
      throw error;
    });
    this.#stream.write(answers.request(CLUSTER_TYPE, '', '', `shop/web-${index}`));
    this.#ask(LISTENER_TYPE);
  }

  #ask(typeUrl: string): void {
    if (this.#asked.has(typeUrl)) return;
    this.#asked.add(typeUrl);
    this.#stream.write(this.#answers.request(typeUrl));
  }

  #read(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#have += chunk.length;
    while (this.#have >= this.#need) {
      const all = this.#pending.length === 1 ? (this.#pending[0] ?? chunk) : Buffer.concat(this.#pending);
      const end = 5 + all.readUInt32BE(1);
      this.#pending = [all];
      this.#need = end;
      if (all.length < end) return;
      this.#message(all.subarray(5, end));
      const rest = all.subarray(end);
      this.#pending = rest.length === 0 ? [] : [rest];
      this.#have = rest.length;
      this.#need = 5;
    }
  }

  #message(message: Buffer): void {
    this.bytes += message.length;
    const { typeUrl, ack } = this.#answers.to(message);
    if (typeUrl === ENDPOINT_TYPE) this.endpointsAt = process.hrtime.bigint();
    this.acknowledged.add(typeUrl);
    this.#stream.write(ack);
    if (typeUrl === CLUSTER_TYPE) this.#ask(ENDPOINT_TYPE);
    if (typeUrl === LISTENER_TYPE) this.#ask(ROUTE_TYPE);
  }

  close(): void {
    this.#session.destroy();
  }
}

async function run(order: Order): Promise<void> {
  const answers = new Answers(order);
  const clients: Client[] = [];
  let synced = false;
  const progress = (): void => {
    if (!synced && clients.length === order.streams && clients.every((client) => client.acknowledged.size === 4)) {
      synced = true;
      const bytes = clients.reduce((sum, client) => sum + client.bytes, 0);
      tell({ kind: 'synced', streams: clients.length, bytes, at: process.hrtime.bigint() });
    }
  };
  process.on('message', (message) => {
    if (message === 'arrivals') tell({ kind: 'changed', arrivals: clients.map(({ endpointsAt }) => endpointsAt) });
    if (message === 'stop') {
      for (const client of clients) client.close();
      process.disconnect();
    }
  });
  for (let index = 0; index < order.streams; index++) {
    clients.push(new Client(order, index, answers, progress));
    if (clients.length % order.ramp.batch === 0) await pause(order.ramp.everyMs);
  }
  progress();
}

const tell = (report: Report): void => void process.send?.(report);

process.once('message', (order: Order) => void run(order));
