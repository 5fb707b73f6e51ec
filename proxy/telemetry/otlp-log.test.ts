import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFields, OtlpLogSink } from '@weft/core/proxy-config';
import type { OtlpLogRecord, ServiceMessages } from '@weft/core/services';
import { FakeClock } from '@weft/testkit/clock';
import type { GrpcCallHandler, ServiceCalls } from '../calls/port.ts';
import type { Counter, ExchangeRecord } from '../ports.ts';
import { OtlpLog } from './otlp-log.ts';

const NODE = { id: 'n', cluster: 'c', metadata: {}, locality: { region: '', zone: 'z', subZone: '' } };
const SERVICE = { cluster: 's', authority: '', timeout: undefined, initialMetadata: [], maxReceiveMessageLength: 0 };
const SINK: OtlpLogSink = {
  kind: 'otlp',
  exporter: { kind: 'grpc', service: SERVICE },
  logName: 'l',
  builtinLabels: true,
  detectors: [],
  resourceAttributes: [],
  body: 'x',
  attributes: [],
  statPrefix: '',
  flushInterval: 1000,
  bufferBytes: 1 << 20,
};
const RECORD = { startWall: 5 } as unknown as ExchangeRecord;

class Count implements Counter {
  value = 0;
  add(amount: number): void {
    this.value += amount;
  }
}

/** A collector that is called and answers when the test says so; each record has `octets`. */
function world(octets: number, over: Partial<OtlpLogSink> = {}) {
  const clock = new FakeClock();
  const calls: { readonly count: number; readonly handler: GrpcCallHandler }[] = [];
  const resources: LogFields[] = [];
  const records: OtlpLogRecord[] = [];
  const [written, dropped] = [new Count(), new Count()];
  const log = new OtlpLog(
    { ...SINK, ...over },
    {
      clock,
      calls: {
        unary(_request: unknown, message: Uint8Array, handler: GrpcCallHandler) {
          calls.push({ count: message.length, handler });
          return { cancel() {} };
        },
      } as unknown as ServiceCalls,
      messages: {
        logRecord(record: OtlpLogRecord) {
          records.push(record);
          return new Uint8Array(octets);
        },
        exportLogs(resource: LogFields, sent: readonly Uint8Array[]) {
          resources.push(resource);
          return new Uint8Array(sent.length);
        },
        rejectedLogs: (answer: Uint8Array) => answer.length,
      } as unknown as ServiceMessages,
      node: NODE,
      resource: [['service.name', 'own']],
      written,
      dropped,
    },
  );
  return { log, clock, calls, resources, records, written, dropped };
}

test('records go when the oldest waited long enough, one message under way; what was taken is counted, what was rejected too', () => {
  const { log, clock, calls, written, dropped } = world(10);
  log.log(RECORD);
  log.log(RECORD);
  assert.equal(calls.length, 0);
  clock.advance(1000);
  assert.deepEqual(
    calls.map(({ count }) => count),
    [2],
  );
  log.log(RECORD);
  clock.advance(5000);
  assert.equal(calls.length, 1);
  calls[0]?.handler.grpcAnswered(new Uint8Array(1));
  clock.advance(1000);
  assert.deepEqual([calls.length, written.value, dropped.value], [2, 1, 1]);
});

test('a collector that is slow or away costs a bounded queue and counted records, and nobody waits', () => {
  const { log, clock, calls, written, dropped } = world(1024, { bufferBytes: 1024 });
  for (let index = 0; index < 5000; index += 1) log.log(RECORD);
  assert.equal(calls.length, 1);
  assert.equal(dropped.value, 5000 - 1 - 1024);
  // One message holds 256 KiB at most.
  calls[0]?.handler.grpcFailed({ status: 14, message: '', error: undefined });
  assert.deepEqual(
    calls.map(({ count }) => count),
    [1, 256],
  );
  assert.equal(dropped.value, 5000 - 1024);
  log.stop();
  clock.advance(60_000);
  assert.equal(dropped.value, 5000 - 256);
  log.log(RECORD);
  assert.deepEqual([written.value, dropped.value, calls.length], [0, 5000 - 255, 2]);
});

test('whose records they are: built-in labels, over them detectors, over them what is stated, each name once', () => {
  const { log, resources } = world(10, {
    bufferBytes: 0,
    detectors: [{ kind: 'environment' }],
    resourceAttributes: [['zone_name', 'stated']],
  });
  log.log(RECORD);
  assert.deepEqual(Object.fromEntries(resources[0] ?? []), {
    ...Object.fromEntries(resources[0]?.filter(([name]) => !/_name$|^service/.test(name)) ?? []),
    log_name: 'l',
    zone_name: 'stated',
    cluster_name: 'c',
    node_name: 'n',
    'service.name': 'own',
  });
});

test('a trace of 64 bits has 128 in the record', () => {
  const { log, records } = world(10);
  log.log({ ...RECORD, trace: { traceId: 'b7ad6b7169203331', spanId: '00f067aa0ba902b7' } } as ExchangeRecord);
  assert.equal(records[0]?.traceId, '0000000000000000b7ad6b7169203331');
  assert.equal(records[0]?.time, 5);
});

test('an operator that is none is refused when the log is made', () => {
  assert.throws(() => world(10, { attributes: [['a', '%NO_SUCH%']] }), /NO_SUCH/);
});
