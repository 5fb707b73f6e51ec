import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { NEVER_INDEXED } from '../http1/field-block.ts';
import { latin1 } from '../http1/octets.ts';
import { type ConnectionOwner, Http2Connection, type Http2Memory, MessageHead } from './index.ts';
import { frame, OPENING } from './testing/bytes.ts';
import { memory, SETTINGS } from './testing/echo.ts';

const HEADERS = 1;
const DATA = 0;
const END_STREAM = 1;
const END_HEADERS = 4;
const STATIC = 61;

type Field = readonly [name: string, value: string];
/** How a field is written where there is a choice. */
type Way = 'indexed' | 'added' | 'plain' | 'never';

/** An encoder that does as it is told (RFC 7541), and the peer's table as it must be. */
class Peer {
  #table: Field[] = [];
  #capacity = 4096;

  resize(capacity: number): number[] {
    this.#capacity = capacity;
    this.#evict(capacity);
    return capacity < 31 ? [32 | capacity] : [63, ...number(capacity - 31)];
  }

  #evict(size: number): void {
    const octets = (): number => this.#table.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
    while (this.#table.length > 0 && octets() > size) this.#table.pop();
  }

  field([name, value]: Field, way: Way): number[] {
    const at = this.#table.findIndex(([n, v]) => n === name && v === value);
    if (way === 'indexed' && at >= 0) return prefixed(128, 127, STATIC + at + 1);
    if (way !== 'indexed' && way !== 'added') return [way === 'never' ? 16 : 0, ...text(name), ...text(value)];
    const size = name.length + value.length + 32;
    this.#evict(this.#capacity - size);
    if (size <= this.#capacity) this.#table.unshift([name, value]);
    return [64, ...text(name), ...text(value)];
  }
}

const number = (left: number): number[] => (left < 128 ? [left] : [(left & 127) | 128, ...number(left >>> 7)]);
const prefixed = (pattern: number, prefix: number, value: number): number[] =>
  value < prefix ? [pattern | value] : [pattern | prefix, ...number(value - prefix)];
const text = (value: string): number[] => [
  ...prefixed(0, 127, value.length),
  ...Array.from(value, (character) => character.charCodeAt(0)),
];

/** A server that notes what every request says. */
class Notes implements ConnectionOwner {
  readonly memory: Http2Memory = memory();
  readonly connection = new Http2Connection(true, { ...SETTINGS, maxConcurrentStreams: 1000 }, this, this.memory);
  readonly seen: string[] = [];

  accept(): ReturnType<ConnectionOwner['accept']> {
    const { seen } = this;
    const messageHead = new MessageHead(100, latin1);
    return {
      messageHead,
      headArrived(): void {
        const { method, scheme, pathStart, pathEnd, hostStart, hostEnd, contentLength, fields } = messageHead;
        const part = (start: number, end: number): string => latin1(fields.bytes, start, end);
        seen.push([method, scheme, part(pathStart, pathEnd), part(hostStart, hostEnd), contentLength].join(' '));
        for (let index = 0; index < fields.count; index += 1)
          if (!fields.dropped(index))
            seen.push(
              `${fields.name(index)}: ${fields.value(index)}${fields.hash(index) === NEVER_INDEXED ? ' !' : ''}`,
            );
        // What the engine does to the fields of a message that it passes on.
        for (let index = 0; index < fields.count; index += 1) fields.drop(index);
      },
      dataArrived(): void {},
      endArrived(): void {
        const { trailers } = messageHead;
        for (let index = 0; trailers !== undefined && index < trailers.count; index += 1)
          seen.push(`${trailers.name(index)}: ${trailers.value(index)}`);
      },
      wasReset(): void {
        seen.push('reset');
      },
      hasRoom(): void {},
    };
  }
  headTooLarge(): void {
    this.seen.push('too large');
  }
  hasOutput(): void {}
  goAwayArrived(): void {}
  streamClosed(): void {}
  connectionFailed({ code }: { readonly code: string }): void {
    this.seen.push(`failed ${code}`);
  }
}

interface Request {
  readonly fields: readonly Field[];
  readonly ways: readonly Way[];
  readonly resize: number | undefined;
  readonly trailers: readonly Field[];
}

const way = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Way>('indexed') },
  { weight: 2, arbitrary: fc.constantFrom<Way>('added', 'plain') },
  { weight: 1, arbitrary: fc.constant<Way>('never') },
);
const request: fc.Arbitrary<Request> = fc.record({
  fields: fc.array(fc.tuple(fc.constantFrom('x-a', 'x-b', 'cookie'), fc.constantFrom('1', '2', '', 'x'.repeat(1500))), {
    maxLength: 4,
  }),
  ways: fc.array(way, { minLength: 9, maxLength: 9 }),
  resize: fc.option(fc.constantFrom(0, 100, 4096), { freq: 30, nil: undefined }),
  trailers: fc.array(fc.tuple(fc.constantFrom('x-sum', 'grpc-status'), fc.constantFrom('0', '5')), { maxLength: 2 }),
});

const PSEUDO: readonly Field[] = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/a?b'],
  [':authority', 'here'],
];

function expected({ fields, ways, trailers }: Request): string[] {
  const cookies = fields.filter(([name]) => name === 'cookie').map(([, value]) => value);
  const others = fields.flatMap((field, index) =>
    field[0] === 'cookie' && cookies.length > 1
      ? []
      : [`${field.join(': ')}${ways[index + PSEUDO.length] === 'never' ? ' !' : ''}`],
  );
  return [
    'POST http /a?b here -1',
    'host: here',
    ...others,
    ...(cookies.length > 1 ? [`cookie: ${cookies.filter((value) => value !== '').join('; ')}`] : []),
    ...trailers.map((field) => field.join(': ')),
  ];
}

test('what a block means does not depend on whether it came before, whatever changes the table between', () => {
  let known = 0;
  fc.assert(
    fc.property(
      fc.array(request, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(3), { minLength: 20, maxLength: 120, size: 'max' }),
      (requests, order) => {
        const notes = new Notes();
        const peer = new Peer();
        notes.connection.receive(OPENING, 0, OPENING.length);
        const wanted: string[] = [];
        order.forEach((choice, turn) => {
          const one = requests[choice % requests.length] as Request;
          const stream = turn * 2 + 1;
          const block = one.resize === undefined ? [] : peer.resize(one.resize);
          [...PSEUDO, ...one.fields].forEach((field, index) =>
            block.push(...peer.field(field, one.ways[index] ?? 'plain')),
          );
          const end = one.trailers.flatMap((field) => peer.field(field, 'added'));
          const octets = [
            ...frame(HEADERS, END_HEADERS, stream, Uint8Array.from(block)),
            ...(end.length === 0
              ? frame(DATA, END_STREAM, stream)
              : frame(HEADERS, END_HEADERS | END_STREAM, stream, Uint8Array.from(end))),
          ];
          notes.connection.receive(Uint8Array.from(octets), 0, octets.length);
          wanted.push(...expected(one));
        });
        assert.deepEqual(notes.seen, wanted);
        known += notes.memory.heads.known;
        notes.connection.closed(0);
        assert.equal(notes.memory.heads.known, 0);
      },
    ),
    { numRuns: 150 },
  );
  assert.ok(known > 100_000, `${known} octets were known in all`);
});
