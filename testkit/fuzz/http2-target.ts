/**
 * Fuzz targets of a whole HTTP/2 connection (RFC 9113): frame reader, HPACK, streams, flow control. The first octet of an input is how it is
 * cut; the rest is what a peer sends behind the preface (to a server) or in answer to three requests (to a client). An owner echoes what comes.
 */
import assert from 'node:assert/strict';
import {
  type ConnectionOwner,
  DecodeScratch,
  HeadMemory,
  Http2Connection,
  type Http2Fault,
  type Http2Stream,
  MessageHead,
  PREFACE,
  type StreamOwner,
} from '@weft/wire/http2';
import { HpackDecoder, SlabPool } from '@weft/wire/hpack';
import type { Target } from './targets.ts';

/** Octets; small, so that an input can exceed it. */
const STREAM_WINDOW = 100;
const SETTINGS = {
  maxConcurrentStreams: 4,
  streamWindow: STREAM_WINDOW,
  connectionWindow: 65_535,
  maxHeaderListSize: 4096,
  connectProtocol: true,
};
/** Streams a client under test has open. */
const REQUESTS = 3;
const [DATA, HEADERS, RST_STREAM, GOAWAY, CONTINUATION] = [0, 1, 3, 7, 9] as const;
const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');

class Owner implements ConnectionOwner {
  readonly connection: Http2Connection;
  /** What was told, one line each; pieces of one body are joined. */
  readonly seen: string[] = [];
  #over = false;

  constructor(server: boolean) {
    this.connection = new Http2Connection(server, SETTINGS, this, {
      scratch: new DecodeScratch(),
      heads: new HeadMemory(),
      clock: { now: () => 0, after: () => ({ cancel() {} }) },
      decode: latin1,
      slabs: new SlabPool(),
    });
    this.connection.start();
    for (let turn = 0; !server && turn < REQUESTS; turn += 1) {
      const stream = this.connection.open(new Exchange(this));
      sendHead(stream, [
        [':method', turn === 0 ? 'HEAD' : 'POST'],
        [':scheme', 'http'],
        [':authority', 'a'],
        [':path', '/'],
      ]);
      if (turn < 2) stream.end();
    }
  }

  tell(line: string): void {
    assert.ok(!this.#over, `told after the connection failed: ${line}`);
    this.seen.push(line);
  }
  accept(): StreamOwner {
    return new Exchange(this);
  }
  headTooLarge(stream: Http2Stream): void {
    this.tell(`${stream.id} too large`);
    stream.reset();
  }
  goAwayArrived(error: number): void {
    this.tell(`goaway ${error}`);
  }
  connectionFailed(fault: Http2Fault): void {
    this.tell(`failed ${fault.code}`);
    this.#over = true;
  }
  hasOutput(): void {}
  streamClosed(): void {}
}

/** Streams that are never answered, and whose data is never given back: they stay open in every state. */
const standsStill = (stream: Http2Stream): boolean => stream.id % 4 === 3;

/** One stream's owner: a server's answers with what comes; a client's takes it. */
class Exchange implements StreamOwner {
  readonly messageHead = new MessageHead(20, latin1);
  readonly #owner: Owner;
  #body = '';
  /** The peer has ended its side, or it was reset. */
  #ended = false;
  #over = false;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  #tell(line: string): void {
    assert.ok(!this.#over, `told after its end: ${line}`);
    this.#owner.tell(line);
  }

  headArrived(stream: Http2Stream, ended: boolean): void {
    assert.ok(!this.#ended, 'a head behind the end');
    this.#ended = ended;
    const { method, status, fields } = this.messageHead;
    const lines = Array.from({ length: fields.count }, (_, n) => `${fields.name(n)}: ${fields.value(n)}`);
    this.#tell(`${stream.id} head ${method} ${status} ${ended} ${lines.join(' | ')}`);
    assert.ok(lines.every((line) => !/[\0\r\n]/.test(line)));
    if (status !== 0 || standsStill(stream)) return;
    sendHead(stream, [[':status', '200']]);
    if (ended) stream.end();
  }
  dataArrived(stream: Http2Stream, bytes: Uint8Array, start: number, end: number): void {
    assert.ok(!this.#over && !this.#ended && stream.headSeen, 'data out of place');
    this.#body += latin1(bytes, start, end);
    if (standsStill(stream)) return;
    if (stream.id % 4 === 1) stream.send(bytes, start, end);
    stream.consumed(end - start);
  }
  endArrived(stream: Http2Stream, trailers: boolean): void {
    assert.ok(!this.#ended, 'a second end');
    this.#ended = true;
    this.#tell(`${stream.id} end ${trailers} ${this.#body}`);
    if (!standsStill(stream)) stream.end();
  }
  wasReset(stream: Http2Stream, error: number, remote: boolean): void {
    this.#tell(`${stream.id} reset ${error} ${remote}`);
    this.#over = true;
  }
  hasRoom(): void {}
}

function sendHead(stream: Http2Stream, fields: readonly (readonly [string, string])[]): void {
  const { connection } = stream;
  connection.beginBlock(stream);
  for (const [name, value] of fields) connection.encoder.text(connection.out, name, value);
  connection.endBlock(stream, false);
}

/** What we wrote must be whole frames in an order that a peer must take (RFC 9113, 4.1 and 5.1). */
function judgeOutput(out: Buffer, server: boolean): void {
  const scratch = new DecodeScratch();
  const decoder = new HpackDecoder(4096, 65_536, scratch);
  const ended = new Set<number>();
  const begun = new Set<number>();
  let at = server ? 0 : PREFACE.length;
  let goneAway = false;
  while (at < out.length) {
    assert.ok(at + 9 <= out.length, 'half a frame head');
    const length = out.readUIntBE(at, 3);
    const type = out[at + 3] as number;
    const flags = out[at + 4] as number;
    const id = out.readUInt32BE(at + 5);
    const start = at + 9;
    at = start + length;
    assert.ok(at <= out.length && length <= 16_384, 'half a frame');
    assert.ok(!goneAway, 'a frame behind the last GOAWAY');
    if (type === GOAWAY) goneAway = true;
    if (type === HEADERS) {
      assert.equal(decoder.decode(out, start, at, { field() {} }), undefined);
      assert.ok(!ended.has(id), `HEADERS behind the end of ${id}`);
      begun.add(id);
    } else if (type === DATA) assert.ok(begun.has(id) && !ended.has(id), `DATA out of place on ${id}`);
    else assert.notEqual(type, CONTINUATION);
    if (type === RST_STREAM || ((type === DATA || type === HEADERS) && (flags & 1) !== 0)) ended.add(id);
  }
}

/** Feeds `input` in pieces of `size` octets; what the owner saw. */
function told(server: boolean, input: Buffer, size: number): readonly string[] {
  const owner = new Owner(server);
  const { connection } = owner;
  for (let at = 0; at < input.length && !connection.failed; at += size) {
    const piece = Uint8Array.from(input.subarray(at, at + size));
    connection.receive(piece, 0, piece.length);
    piece.fill(255);
    assert.ok(connection.streams.size <= SETTINGS.maxConcurrentStreams, 'more streams than allowed');
    for (const { held } of connection.streams.all())
      assert.ok(held >= 0 && held <= STREAM_WINDOW, `${held} octets held in a window of ${STREAM_WINDOW}`);
  }
  // A control frame of 9 octets is answered by at most 17, one of data by itself and two window updates; ends are few.
  assert.ok(connection.out.size <= 4 * input.length + 1024, `${connection.out.size} octets for ${input.length}`);
  judgeOutput(Buffer.from(connection.takeOutput()), server);
  const seen = [...owner.seen];
  connection.closed(8);
  assert.equal(connection.streams.size, 0);
  assert.equal(connection.blocked.size, 0);
  return seen;
}

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const GET = '828684410161';
const POST = '838684410161';
/** A frame; length and payload in hexadecimal digits. */
const frame = (type: number, flags: number, id: number, payload = ''): string => {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length / 2, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(id, 5);
  return head.toString('hex') + payload;
};
const input = (...frames: readonly string[]): Buffer => hex(`05${frame(4, 0, 0)}${frames.join('')}`);

const target = (name: string, server: boolean, seeds: readonly Buffer[]): Target => ({
  name,
  seeds,
  run(given) {
    const rest = given.subarray(1);
    const octets = server ? Buffer.concat([Buffer.from(PREFACE, 'latin1'), rest]) : rest;
    const size = 1 + ((given[0] ?? 0) % 31);
    assert.deepEqual(told(server, octets, size), told(server, octets, octets.length));
  },
});

export const HTTP2_TARGETS: readonly Target[] = [
  target('http2-server', true, [
    input(frame(1, 5, 1, GET), frame(1, 5, 3, GET)),
    input(frame(1, 4, 1, `${POST}0f0d0133`), frame(0, 8, 1, '02616200ff'), frame(0, 1, 1, '636465')),
    input(frame(1, 4, 1, POST), frame(0, 0, 1, '6162'), frame(1, 5, 1, '4001780179')),
    input(frame(1, 1, 1, '8286'), frame(9, 0, 1, '84'), frame(9, 4, 1, '410161'), frame(3, 0, 1, '00000008')),
    input(frame(4, 0, 0, '000400000001'), frame(1, 4, 1, POST), frame(0, 1, 1, '616263'), frame(8, 0, 1, '00000002')),
    input(frame(4, 1, 0), frame(6, 0, 0, '0011223344556677'), frame(2, 0, 3, '0000000010'), frame(8, 0, 0, '00000fff')),
    input(frame(1, 5, 3, GET), frame(1, 5, 3, '4001780179')),
    input(frame(1, 5, 3, GET), frame(1, 4, 7, POST), frame(0, 0, 7, 'ab'.repeat(99)), frame(0, 1, 7, 'ab')),
    input(frame(1, 44, 1, `010000000010${GET}00`), frame(7, 0, 0, '0000000000000000'), frame(200, 3, 7, 'ab')),
  ]),
  target('http2-client', false, [
    input(frame(1, 5, 1, '88'), frame(1, 4, 3, '880f0d0133'), frame(0, 1, 3, '616263')),
    input(frame(1, 4, 3, '4803313033'), frame(1, 4, 3, '88'), frame(0, 0, 3, '61'), frame(1, 5, 3, '4001780179')),
    input(frame(1, 4, 5, '88'), frame(3, 0, 5, '00000007'), frame(7, 0, 0, '000000010000000b')),
    input(frame(4, 0, 0, '000300000001000500010000'), frame(6, 1, 0, '7765667464726169'), frame(1, 5, 5, '89')),
  ]),
];
