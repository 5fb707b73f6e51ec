import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OctetWriter, SlabPool } from './index.ts';

/** Holds what it is given until it is told to let go, and remembers what it was. */
class HoldingSink {
  readonly held: { readonly bytes: Uint8Array; readonly was: Uint8Array }[] = [];

  get holdsNone(): boolean {
    return this.held.length === 0;
  }

  hold(bytes: Uint8Array): void {
    this.held.push({ bytes, was: bytes.slice() });
  }

  check(): void {
    for (const { bytes, was } of this.held) assert.deepEqual(bytes, was);
  }
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constant('write' as const), fc.nat(3), fc.oneof(fc.nat(200), fc.nat(40_000))) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('take' as const), fc.nat(3), fc.boolean()) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('let go' as const), fc.nat(3), fc.constant(0)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('rest' as const), fc.nat(3), fc.constant(0)) },
);

test('what a sink holds never changes, and what was written is what is taken, with slabs handed on between writers', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const slabs = new SlabPool();
      const sides = Array.from({ length: 4 }, () => {
        const sink = new HoldingSink();
        const out = new OctetWriter(slabs);
        out.sink = sink;
        return { sink, out, pending: [] as number[] };
      });
      let value = 0;
      for (const [kind, which, detail] of steps) {
        const side = sides[which] as (typeof sides)[number];
        const { out, sink } = side;
        if (kind === 'write') {
          const bytes = Uint8Array.from({ length: detail }, () => (value = (value + 1) % 251));
          out.octets(bytes, 0, bytes.length);
          for (const octet of bytes) side.pending.push(octet);
        } else if (kind === 'take') {
          const taken = out.take();
          assert.deepEqual(taken, Uint8Array.from(side.pending));
          side.pending = [];
          if (detail) sink.hold(taken);
          out.given();
        } else if (kind === 'let go') {
          sink.held.length = 0;
          out.given();
        } else out.rest();
        assert.equal(out.size, side.pending.length);
        for (const each of sides) each.sink.check();
      }
    }),
    { numRuns: 150 },
  );
});

test('slabs of a sink that holds none are used again', () => {
  let made = 0;
  const slabs = new SlabPool((size) => {
    made += 1;
    return new Uint8Array(size);
  });
  const writers = [new OctetWriter(slabs), new OctetWriter(slabs)];
  for (const out of writers) out.sink = { holdsNone: true };
  for (let turn = 0; turn < 1000; turn += 1) {
    for (const out of writers) {
      for (let i = 0; i < 10; i += 1) out.octets(new Uint8Array(1000), 0, 1000);
      out.take();
      out.given();
    }
  }
  assert.equal(made, 1);
});
