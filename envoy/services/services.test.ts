import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage, writeMessage } from '../codec/index.ts';
import type { Messages } from '../tables/index.ts';
import { serviceMessages } from './index.ts';

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
