/** A peer of HTTP/2 that sends frames as it is told and notes each one that comes: the client's side, or one accepted connection of a server. */
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { DecodeScratch, HpackDecoder } from '@weft/wire/hpack';
import {
  ACK,
  block,
  END_HEADERS,
  END_STREAM,
  type Fields,
  frame,
  type FrameType,
  GOOD,
  PREFACE,
  settings,
  TYPES,
} from './frames.ts';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export class Http2Peer {
  readonly socket: net.Socket;
  readonly frames: Frame[] = [];
  /** Fields of each stream's last header block; ':status' of clients. */
  readonly heads = new Map<number, Map<string, string>>();
  state: 'open' | 'ended' | 'reset' = 'open';
  octets = 0;
  /** Called for every frame. */
  onFrame: (frame: Frame) => void = () => {};
  #rest: Buffer = Buffer.alloc(0);
  #prefaceLeft: number;
  readonly #scratch = new DecodeScratch();
  readonly #decoder = new HpackDecoder(4096, 1_048_576, this.#scratch);

  /** `accepted`: the other side is the client and sends the preface. */
  constructor(socket: net.Socket, accepted: boolean) {
    this.socket = socket;
    this.#prefaceLeft = accepted ? PREFACE.length : 0;
    const over = (state: 'ended' | 'reset'): void => {
      if (this.state === 'open') this.state = state;
      this.#wake();
    };
    socket.on('error', () => over('reset'));
    socket.on('end', () => over('ended'));
    socket.on('close', () => over('ended'));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** A client that has sent preface and SETTINGS. */
  static async connect(port: number, own: readonly (readonly [number, number])[] = []): Promise<Http2Peer> {
    const peer = new Http2Peer(net.connect({ host: '127.0.0.1', port, noDelay: true }), false);
    await once(peer.socket, 'connect');
    peer.write(Buffer.concat([PREFACE, frame('SETTINGS', 0, 0, settings(...own))]));
    return peer;
  }

  write(octets: Buffer): boolean {
    return this.socket.writable && this.socket.write(octets);
  }

  send(type: FrameType | number, flags: number, stream: number, payload?: Buffer): boolean {
    return this.write(frame(type, flags, stream, payload));
  }

  headers(stream: number, fields: Fields, ended: boolean): boolean {
    return this.send('HEADERS', END_HEADERS | (ended ? END_STREAM : 0), stream, block(fields));
  }

  of(type: FrameType, stream?: number): readonly Frame[] {
    return this.frames.filter((one) => one.type === TYPES[type] && (stream === undefined || one.stream === stream));
  }

  status(stream: number): number {
    return Number(this.heads.get(stream)?.get(':status') ?? 0);
  }

  /** The error code of the GOAWAY, of the stream's reset; -1: none. */
  get goAway(): number {
    return (
      this.of('GOAWAY')
        .find(({ payload }) => payload.readUInt32BE(4) !== 0)
        ?.payload.readUInt32BE(4) ?? -1
    );
  }
  resetOf(stream: number): number {
    return this.of('RST_STREAM', stream)[0]?.payload.readUInt32BE(0) ?? -1;
  }

  isComplete(stream: number): boolean {
    return this.frames.some((one) => one.stream === stream && one.type <= 1 && (one.flags & END_STREAM) !== 0);
  }

  /** Whether a good request on that stream is answered as it should. */
  async serves(stream: number, path = '/good'): Promise<boolean> {
    this.headers(
      stream,
      GOOD.map(([name, value]) => [name, name === ':path' ? path : value] as const),
      true,
    );
    await this.until(() => this.isComplete(stream) || this.state !== 'open');
    return this.status(stream) === 200 && this.isComplete(stream);
  }

  /** Whether `done` came true within `timeout` ms; asked after everything that comes. */
  async until(done: () => boolean, timeout = 15_000): Promise<boolean> {
    const end = performance.now() + timeout;
    while (!done()) {
      const left = end - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    return true;
  }
  #wake: () => void = () => {};

  closed(timeout = 15_000): Promise<boolean> {
    return this.until(() => this.state !== 'open', timeout);
  }

  destroy(): void {
    this.socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.octets += chunk.length;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#prefaceLeft > 0) {
      if (this.#rest.length < this.#prefaceLeft) return;
      this.#rest = this.#rest.subarray(this.#prefaceLeft);
      this.#prefaceLeft = 0;
    }
    while (this.#rest.length >= 9) {
      const length = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < 9 + length) break;
      const one: Frame = {
        type: this.#rest[3] as number,
        flags: this.#rest[4] as number,
        stream: this.#rest.readUInt32BE(5) & 0x7fffffff,
        payload: this.#rest.subarray(9, 9 + length),
      };
      this.#rest = this.#rest.subarray(9 + length);
      this.frames.push(one);
      if (one.type === TYPES.HEADERS) this.#head(one);
      if (one.type === TYPES.SETTINGS && (one.flags & ACK) === 0) this.send('SETTINGS', ACK, 0);
      this.onFrame(one);
    }
    this.#wake();
  }

  #head({ stream, payload }: Frame): void {
    const fields = new Map<string, string>();
    const text = (from: number, to: number): string =>
      Buffer.from(this.#scratch.bytes.subarray(from, to)).toString('latin1');
    this.#decoder.decode(payload, 0, payload.length, {
      field: (nameStart, nameEnd, valueStart, valueEnd) =>
        void fields.set(text(nameStart, nameEnd), text(valueStart, valueEnd)),
    });
    this.heads.set(stream, fields);
  }
}

/** A server whose connections do what `accept` makes them do. */
export class Http2Server {
  readonly peers: Http2Peer[] = [];
  accept: (peer: Http2Peer) => void = () => {};
  readonly #server = net.createServer((socket) => {
    const peer = new Http2Peer(socket, true);
    this.peers.push(peer);
    this.accept(peer);
  });

  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  stop(): void {
    for (const peer of this.peers) peer.destroy();
    this.#server.close();
  }
}
