import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { latin1 } from '../http1/octets.ts';
import { type ConnectionOwner, Http2Connection, type Http2Stream, MessageHead, type StreamOwner } from './index.ts';
import { block, frame, GET, OPENING } from './testing/bytes.ts';
import { memory, SETTINGS } from './testing/echo.ts';

const DATA = 0;
const HEADERS = 1;
const WINDOW_UPDATE = 8;
const END_HEADERS = 4;
const STREAM_WINDOW = 65_535;
const STREAMS = 4;

/** Takes bodies; those of the streams in `holding` stay where they are. */
class Bodies implements ConnectionOwner {
  readonly connection: Http2Connection;
  readonly holding: ReadonlySet<number>;

  constructor(holding: ReadonlySet<number>) {
    this.holding = holding;
    const settings = { ...SETTINGS, streamWindow: STREAM_WINDOW, connectionWindow: STREAMS * STREAM_WINDOW };
    this.connection = new Http2Connection(true, settings, this, memory());
    this.connection.start();
  }

  accept(): StreamOwner {
    const { holding } = this;
    return {
      messageHead: new MessageHead(100, latin1),
      headArrived() {},
      dataArrived(stream: Http2Stream, _bytes: Uint8Array, start: number, end: number) {
        if (!holding.has(stream.id)) stream.consumed(end - start);
      },
      endArrived() {},
      wasReset() {},
      hasRoom() {},
    };
  }
  headTooLarge(): void {}
  hasOutput(): void {}
  goAwayArrived(): void {}
  streamClosed(): void {}
  connectionFailed({ code }: { readonly code: string }): void {
    assert.fail(code);
  }
}

/** The windows that a peer knows of, by stream; 0 is the connection's. */
class Peer {
  readonly bodies: Bodies;
  readonly windows = new Map<number, number>([[0, 65_535]]);

  constructor(bodies: Bodies) {
    this.bodies = bodies;
    this.#receive(OPENING);
    this.#learn();
  }

  open(id: number): void {
    this.#receive(frame(HEADERS, END_HEADERS, id, block(GET)));
    this.windows.set(id, STREAM_WINDOW);
  }

  window(id: number): number {
    return this.windows.get(id) ?? 0;
  }

  /** Sends up to `octets` as the windows allow; how many. */
  send(id: number, octets: number): number {
    const size = Math.min(octets, this.window(id), this.window(0), 16_384);
    if (size === 0) return 0;
    this.windows.set(id, this.window(id) - size);
    this.windows.set(0, this.window(0) - size);
    this.#receive(frame(DATA, 0, id, new Uint8Array(size)));
    this.#learn();
    return size;
  }

  #receive(bytes: Uint8Array): void {
    this.bodies.connection.receive(bytes, 0, bytes.length);
  }

  #learn(): void {
    const out = Buffer.from(this.bodies.connection.takeOutput());
    for (let at = 0; at < out.length; at += 9 + out.readUIntBE(at, 3)) {
      if (out[at + 3] !== WINDOW_UPDATE) continue;
      const id = out.readUInt32BE(at + 5);
      this.windows.set(id, this.window(id) + out.readUInt32BE(at + 9));
    }
  }
}

test('streams that stand still never keep the others from sending, as long as their windows leave room', () => {
  const ids = Array.from({ length: STREAMS }, (_, index) => 1 + 2 * index);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(STREAMS - 1), fc.integer({ min: 1, max: 40_000 })), { maxLength: 100, size: 'max' }),
      fc.nat(STREAMS - 1),
      (sends, moving) => {
        const peer = new Peer(new Bodies(new Set(ids.filter((_, index) => index !== moving))));
        for (const id of ids) peer.open(id);
        for (const [which, octets] of sends) peer.send(ids[which] as number, octets);
        const id = ids[moving] as number;
        for (let round = 0; round < 20; round += 1) assert.ok(peer.send(id, 16_384) > 0, `round ${round}`);
      },
    ),
    { numRuns: 200 },
  );
});
