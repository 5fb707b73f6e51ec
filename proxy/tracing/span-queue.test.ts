import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RuntimeValues } from '@weft/core/proxy-config';
import type { Span } from '@weft/core/services';
import { FakeClock } from '@weft/testkit/clock';
import type { Counter } from '../ports.ts';
import { SpanQueue } from './span-queue.ts';

class Count implements Counter {
  value = 0;
  add(amount: number): void {
    this.value += amount;
  }
}

const SPAN = {} as Span;

/** A collector that answers when the test says so. */
function world(limit: number, values: RuntimeValues = new Map()) {
  const clock = new FakeClock();
  const messages: number[] = [];
  let ended: ((taken: number) => void) | undefined;
  const counts = { sent: new Count(), dropped: new Count(), timerFlushed: new Count() };
  const queue = new SpanQueue({
    clock,
    values: { current: values },
    tracer: 'opentelemetry',
    limit,
    sink: {
      send(spans, done) {
        messages.push(spans.length);
        ended = done;
        return { cancel() {} };
      },
    },
    ...counts,
  });
  return {
    clock,
    messages,
    queue,
    add(count: number) {
      for (let i = 0; i < count; i += 1) queue.add(SPAN);
    },
    answer(taken: number) {
      const done = ended;
      ended = undefined;
      done?.(taken);
    },
    counts: () => [counts.sent.value, counts.dropped.value, counts.timerFlushed.value],
  };
}

test('spans go by number and by time, one message under way', () => {
  const { clock, messages, add, answer, counts } = world(100);
  add(4);
  assert.deepEqual(messages, []);
  add(1);
  assert.deepEqual(messages, [5]);
  add(7);
  assert.deepEqual(messages, [5]);
  answer(5);
  assert.deepEqual(messages, [5, 7]);
  answer(6);
  add(1);
  clock.advance(5000);
  assert.deepEqual(messages, [5, 7, 1]);
  assert.deepEqual(counts(), [11, 1, 1]);
});

test('a collector that never answers costs what is beyond the bound, and no more memory than it', () => {
  const { clock, messages, add, answer, counts } = world(10);
  add(1000);
  clock.advance(60_000);
  assert.deepEqual([messages, ...counts().slice(0, 2)], [[5], 0, 985]);
  answer(0);
  assert.deepEqual([messages, ...counts().slice(0, 2)], [[5, 10], 0, 990]);
});

test('the runtime says how many and how long; a message holds 512 spans at most', () => {
  const { clock, messages, add, answer } = world(
    2000,
    new Map([
      ['tracing.opentelemetry.min_flush_spans', 1200],
      ['tracing.opentelemetry.flush_interval_ms', 100],
    ]),
  );
  add(1000);
  assert.deepEqual(messages, []);
  clock.advance(100);
  answer(512);
  clock.advance(100);
  assert.deepEqual(messages, [512, 488]);
});

test('stopping sends what waits, and counts what comes after', () => {
  const { messages, queue, add, counts } = world(10);
  add(2);
  queue.stop();
  add(1);
  assert.deepEqual([messages, counts()[1]], [[2], 1]);
});
