import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GrpcLogSink } from '@weft/core/proxy-config';
import type { LogIdentifier, ServiceMessages } from '@weft/core/services';
import { FakeClock } from '@weft/testkit/clock';
import type { GrpcStream, GrpcStreamHandler, ServiceCalls } from '../calls/port.ts';
import type { Counter, ExchangeRecord } from '../ports.ts';
import { GrpcLog } from './grpc-log.ts';

const NODE = { id: 'n', cluster: 'c', metadata: {}, locality: { region: '', zone: '', subZone: '' } };
const SERVICE = { cluster: 's', authority: '', timeout: undefined, initialMetadata: [], maxReceiveMessageLength: 0 };
const SINK: GrpcLogSink = {
  kind: 'grpc',
  entries: 'tcp',
  service: SERVICE,
  logName: 'l',
  flushInterval: 1000,
  bufferBytes: 30,
  requestHeaders: [],
  responseHeaders: [],
  responseTrailers: [],
};

const END = { ip: '', port: 0, address: undefined };
const RECORD = {
  kind: 'tcp',
  downstream: { remote: END, local: END, serverName: '' },
  flags: 0,
  details: '',
  requestHeader: () => undefined,
} as unknown as ExchangeRecord;

class Count implements Counter {
  value = 0;
  add(amount: number): void {
    this.value += amount;
  }
}

/** A service whose streams take what they are sent when `takes`; every entry has 10 octets. */
function world(over: Partial<GrpcLogSink> = {}) {
  const clock = new FakeClock();
  const sent: string[] = [];
  const streams: { handler: GrpcStreamHandler; cancelled: boolean; blocked: boolean }[] = [];
  const state = { takes: true };
  const calls = {
    stream(_request: unknown, handler: GrpcStreamHandler): GrpcStream {
      const stream = {
        handler,
        cancelled: false,
        blocked: true,
        send(message: Uint8Array) {
          sent.push(Buffer.from(message).toString());
          stream.blocked = !state.takes;
          return state.takes;
        },
        end() {},
        cancel() {
          stream.cancelled = true;
        },
      };
      streams.push(stream);
      return stream;
    },
  } as unknown as ServiceCalls;
  const messages = {
    accessLogEntry: () => new Uint8Array(10),
    accessLogMessage: (_kind: string, entries: readonly Uint8Array[], identifier: LogIdentifier | undefined) =>
      Buffer.from(
        `${identifier === undefined ? '' : `${identifier.node.id}/${identifier.logName}: `}${entries.length}`,
      ),
  } as unknown as ServiceMessages;
  const written = new Count();
  const dropped = new Count();
  const parts = { clock, random: () => 1, calls, messages, node: NODE, written, dropped };
  const log = new GrpcLog({ ...SINK, ...over }, parts);
  const write = (count: number): void => {
    for (let i = 0; i < count; i += 1) log.log(RECORD);
  };
  return { clock, sent, streams, state, log, write, counts: () => [written.value, dropped.value] };
}

test('entries go by size and by time; the first message of a stream says who speaks', () => {
  const { clock, sent, streams, write, counts } = world();
  write(2);
  assert.deepEqual(sent, []);
  write(1);
  assert.deepEqual(sent, ['n/l: 3']);
  write(1);
  clock.advance(999);
  assert.equal(sent.length, 1);
  clock.advance(1);
  assert.deepEqual(sent, ['n/l: 3', '1']);
  clock.advance(10_000);
  assert.deepEqual([sent.length, streams.length, ...counts()], [2, 1, 4, 0]);
});

test('a buffer of no octets sends each entry at once', () => {
  const { sent, write } = world({ bufferBytes: 0 });
  write(2);
  assert.deepEqual(sent, ['n/l: 1', '1']);
});

test('what a slow service does not take is dropped and counted; it goes on when it takes again', () => {
  const { sent, streams, state, write, counts } = world();
  state.takes = false;
  write(8);
  assert.deepEqual([sent, ...counts()], [['n/l: 3'], 6, 2]);
  state.takes = true;
  const [stream] = streams;
  assert.ok(stream);
  stream.blocked = false;
  stream.handler.streamDrained();
  assert.deepEqual([sent, ...counts()], [['n/l: 3', '3'], 6, 2]);
});

test('a stream that ended is opened again, later each time; what waited in it is counted as dropped', () => {
  const { clock, sent, streams, state, write, counts } = world();
  state.takes = false;
  write(3);
  streams[0]?.handler.streamEnded({ status: 14, message: '', error: 'connect-failed' });
  assert.deepEqual(counts(), [3, 3]);
  write(3);
  assert.equal(streams.length, 1);
  clock.advance(1000);
  assert.deepEqual(sent, ['n/l: 3', 'n/l: 3']);
  for (const wait of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    const before: number = streams.length;
    streams.at(-1)?.handler.streamEnded(undefined);
    write(3);
    clock.advance(wait - 1);
    assert.equal(streams.length, before, `${wait}`);
    clock.advance(1);
    assert.equal(streams.length, before + 1, `${wait}`);
  }
});

test('with a time-out a message that is not taken costs its stream', () => {
  const { clock, streams, state, write, counts } = world({ service: { ...SERVICE, timeout: 200 } });
  state.takes = false;
  write(3);
  clock.advance(199);
  assert.equal(streams[0]?.cancelled, false);
  clock.advance(1);
  assert.deepEqual([streams[0]?.cancelled, ...counts()], [true, 3, 3]);
});

test('stopping sends what waits, and nothing after it', () => {
  const { clock, sent, streams, log, write, counts } = world();
  write(1);
  log.stop();
  assert.deepEqual([sent, streams[0]?.cancelled], [['n/l: 1'], true]);
  write(1);
  clock.advance(5000);
  assert.deepEqual([sent.length, ...counts()], [1, 1, 1]);
});
