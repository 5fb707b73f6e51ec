import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry, LogIdentifier } from '@weft/core/services';
import { readMessage, writeMessage } from '../codec/index.ts';
import type { Messages } from '../tables/index.ts';
import { readSpans, serviceMessages } from './index.ts';

const PEER = { address: { ip: '10.0.0.1', port: 5 }, principal: 'spiffe://a', service: 'caller', certificate: '' };
const QUESTION = {
  source: PEER,
  destination: { address: undefined, principal: '', service: '', certificate: '' },
  time: 1500,
  id: '1',
  method: 'GET',
  path: '/x',
  host: 'h',
  scheme: 'https',
  protocol: 'HTTP/2',
  headers: [['a', 'b']] as const,
  size: 3,
  body: new TextEncoder().encode('é'),
  bodyAsBytes: false,
  contextExtensions: [['k', 'v']] as const,
  metadata: new Map([['n', { a: 1 }]]),
  serverName: 's',
};

const asked = (over: object): Messages['envoy.service.auth.v3.AttributeContext'] => {
  const bytes = serviceMessages.checkRequest({ ...QUESTION, ...over });
  const read = readMessage('envoy.service.auth.v3.CheckRequest', bytes);
  assert.ok(read.ok && read.value.attributes !== undefined);
  return read.value.attributes;
};

test('a question is told whole; a body that is no text, and one that should go as bytes', () => {
  const { source, request, context_extensions, metadata_context, tls_session } = asked({});
  assert.deepEqual(source, {
    address: { socket_address: { address: '10.0.0.1', port_value: 5 } },
    principal: 'spiffe://a',
    service: 'caller',
  });
  assert.deepEqual(request?.time, { seconds: 1, nanos: 500_000_000 });
  assert.equal(request?.http?.body, 'é');
  assert.deepEqual([context_extensions?.get('k'), tls_session?.sni], ['v', 's']);
  assert.deepEqual(metadata_context?.filter_metadata?.get('n'), { a: 1 });
  assert.equal(asked({ body: Uint8Array.of(65, 255, 66) }).request?.http?.body, 'A!B');
  assert.deepEqual(asked({ bodyAsBytes: true }).request?.http?.raw_body, QUESTION.body);
});

test('limits: a question, what the service says of each descriptor, and octets that say nothing', () => {
  const question = { domain: 'd', descriptors: [{ entries: [['k', 'v'] as const] }] };
  const read = readMessage('envoy.service.ratelimit.v3.RateLimitRequest', serviceMessages.rateLimitRequest(question));
  assert.deepEqual(read.ok && read.value, { domain: 'd', descriptors: [{ entries: [{ key: 'k', value: 'v' }] }] });
  const told = serviceMessages.rateLimitVerdict(
    writeMessage('envoy.service.ratelimit.v3.RateLimitResponse', {
      overall_code: 'OVER_LIMIT',
      statuses: [
        { code: 'OK' },
        {
          code: 'OVER_LIMIT',
          current_limit: { requests_per_unit: 5, unit: 'MINUTE', name: 'n' },
          duration_until_reset: { seconds: 9 },
        },
      ],
    }),
  );
  assert.equal(told?.overLimit, true);
  assert.deepEqual(told.statuses, [{ requestsPerUnit: 5, window: 60, name: 'n', remaining: 0, untilReset: 9 }]);
  assert.equal(serviceMessages.rateLimitVerdict(Uint8Array.of(255)), undefined);
});

test('a verdict: yes, no, an error of the service, and octets that are none', () => {
  const told = (response: Messages['envoy.service.auth.v3.CheckResponse']) =>
    serviceMessages.checkVerdict(writeMessage('envoy.service.auth.v3.CheckResponse', response));
  assert.equal(told({})?.kind, 'ok');
  assert.deepEqual(told({ status: { code: 7 } }), { kind: 'denied', status: 0, headers: [], body: '', metadata: {} });
  assert.equal(told({ status: { code: 13 }, error_response: {} }), undefined);
  assert.equal(serviceMessages.checkVerdict(Uint8Array.of(255)), undefined);
  // A field that these tables do not know says nothing.
  assert.equal(serviceMessages.checkVerdict(Uint8Array.of(0xfa, 0x3f, 1, 0))?.kind, 'ok');
});

const ENTRY: LogEntry = {
  early: undefined,
  client: { ip: '10.0.0.1', port: 5 },
  directClient: undefined,
  local: undefined,
  serverName: 's',
  tls: { version: 'TLSv1.3', peerUriSans: ['spiffe://a'], peerSubject: 'CN=a', localUriSan: 'spiffe://b' },
  start: 1500.25,
  duration: 2000,
  lastRequestByte: 0.5,
  firstUpstreamSent: -1,
  firstUpstreamReceived: -1,
  lastUpstreamReceived: -1,
  upstreamRemote: undefined,
  upstreamLocal: undefined,
  upstreamCluster: '',
  upstreamFailure: '',
  routeName: '',
  attempts: 0,
  terminationDetails: '',
  flags: ['UF', 'URX', 'UAEX'],
  metadata: new Map([['n', { a: 1 }]]),
  streamId: '',
  bytesReceived: 200,
  bytesSent: 0,
  http: undefined,
};

test('access logs: entries within their message, the stream named once; TLS, times and flags', () => {
  const node = { id: 'i', cluster: 'c', metadata: { m: 1 }, locality: { region: '', zone: 'z', subZone: '' } };
  const entry = serviceMessages.accessLogEntry('tcp', ENTRY);
  assert.ok(entry.length > 127);
  const read = (identifier: LogIdentifier | undefined) => {
    const bytes = serviceMessages.accessLogMessage('tcp', [entry, entry], identifier);
    const message = readMessage('envoy.service.accesslog.v3.StreamAccessLogsMessage', bytes);
    assert.ok(message.ok);
    return message.value;
  };
  const first = read({ node, logName: 'l' });
  assert.equal(first.identifier?.log_name, 'l');
  assert.deepEqual(first.identifier.node?.locality, { zone: 'z' });
  const { identifier, tcp_logs } = read(undefined);
  assert.equal(identifier, undefined);
  assert.equal(tcp_logs?.log_entry?.length, 2);
  const [{ connection_properties, common_properties: common } = {}] = tcp_logs.log_entry;
  assert.deepEqual(connection_properties, { received_bytes: 200 });
  assert.deepEqual(common?.start_time, { seconds: 1, nanos: 500_250_000 });
  assert.deepEqual([common.duration, common.time_to_last_rx_byte], [{ seconds: 2 }, { nanos: 500_000 }]);
  assert.equal(common.time_to_first_upstream_tx_byte, undefined);
  assert.deepEqual(common.response_flags, {
    upstream_connection_failure: true,
    upstream_retry_limit_exceeded: true,
    unauthorized_details: { reason: 'EXTERNAL_SERVICE' },
  });
  assert.deepEqual(common.tls_properties, {
    tls_version: 'TLSv1_3',
    tls_sni_hostname: 's',
    local_certificate_properties: { subject_alt_name: [{ uri: 'spiffe://b' }] },
    peer_certificate_properties: { subject_alt_name: [{ uri: 'spiffe://a' }], subject: 'CN=a' },
  });
});

test('spans: what is told is read as it was, in messages of any length', () => {
  for (const count of [1, 5, 20, 100, 512]) {
    const spans = Array.from({ length: count }, (_, index) => ({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: (index + 1).toString(16).padStart(16, '0'),
      parentId: index % 2 === 0 ? '' : 'b7ad6b7169203331',
      remoteParent: index % 2 === 1,
      traceState: '',
      name: 'n'.repeat(index % 37),
      kind: index % 2 === 0 ? ('client' as const) : ('server' as const),
      start: 1_795_810_465_379.25 + index,
      duration: 12.5,
      attributes: [['k', 'v'.repeat(index % 11)]] as const,
      error: index % 3 === 0,
    }));
    const message = serviceMessages.exportSpans({ attributes: [['service.name', 's']] }, spans);
    assert.deepEqual(readSpans(message), spans);
  }
  assert.equal(readSpans(Uint8Array.of(255)), undefined);
  const partial = writeMessage('opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse', {
    partial_success: { rejected_spans: 3 },
  });
  assert.equal(serviceMessages.rejectedSpans(partial), 3);
  assert.equal(serviceMessages.rejectedSpans(Uint8Array.of(0xfa, 0x3f, 1, 0)), 0);
});
