/** envoy.config.core.v3.HealthCheck. */
import type { HealthCheck } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { durationUnless, fromMilliseconds, takeDuration } from '../base/duration.ts';
import { some, unless } from '../base/encoding.ts';
import { decodeRange } from '../base/matcher.ts';
import { NO_TRAFFIC_INTERVAL } from './standards.ts';

type Wire = Messages['envoy.config.core.v3.HealthCheck'];
type WireHttp = Messages['envoy.config.core.v3.HealthCheck.HttpHealthCheck'];
type WirePayload = Messages['envoy.config.core.v3.HealthCheck.Payload'];
type Http = Extract<HealthCheck['check'], { kind: 'http' }>;

export function decodeHealthCheck(cursor: Cursor<Wire>): HealthCheck {
  // Every check has a connection of its own here.
  cursor.take('reuse_connection');
  // A label only: Envoy wants one on each check when there are several.
  cursor.take('name');
  const interval = takeDuration(cursor, 'interval', 0);
  const unhealthyInterval = takeDuration(cursor, 'unhealthy_interval', interval);
  const noTrafficInterval = takeDuration(cursor, 'no_traffic_interval', NO_TRAFFIC_INTERVAL);
  return {
    timeout: takeDuration(cursor, 'timeout', 0),
    interval,
    unhealthyInterval,
    unhealthyEdgeInterval: takeDuration(cursor, 'unhealthy_edge_interval', unhealthyInterval),
    healthyEdgeInterval: takeDuration(cursor, 'healthy_edge_interval', interval),
    unhealthyThreshold: cursor.take('unhealthy_threshold') ?? 0,
    healthyThreshold: cursor.take('healthy_threshold') ?? 0,
    noTrafficInterval,
    noTrafficHealthyInterval: takeDuration(cursor, 'no_traffic_healthy_interval', noTrafficInterval),
    initialJitter: takeDuration(cursor, 'initial_jitter', 0),
    intervalJitter: takeDuration(cursor, 'interval_jitter', 0),
    intervalJitterPercent: cursor.take('interval_jitter_percent') ?? 0,
    check: decodeCheck(cursor),
  };
}

function decodeCheck(cursor: Cursor<Wire>): HealthCheck['check'] {
  const http = cursor.within('http_health_check', decodeHttp);
  const grpc = cursor.within('grpc_health_check', (check): HealthCheck['check'] => ({
    kind: 'grpc',
    service: check.take('service_name') ?? '',
    authority: check.take('authority') ?? '',
  }));
  const tcp = cursor.within('tcp_health_check', (check): HealthCheck['check'] => ({
    kind: 'tcp',
    send: check.within('send', decodePayload) ?? '',
    receive: check.each('receive', decodePayload),
  }));
  return http ?? grpc ?? tcp ?? { kind: 'tcp', send: '', receive: [] };
}

function decodeHttp(check: Cursor<WireHttp>): Http {
  check.only('codec_client_type', 'HTTP1');
  return {
    kind: 'http',
    method: takeMethod(check),
    path: check.take('path') ?? '',
    host: check.take('host') ?? '',
    expectedStatuses: check.each('expected_statuses', decodeStatuses),
    retriableStatuses: check.each('retriable_statuses', decodeStatuses),
    headersToAdd: check.each('request_headers_to_add', (option) => {
      option.only('append_action', 'APPEND_IF_EXISTS_OR_ADD');
      const header = option.within('header', (inner) => ({
        name: (inner.take('key') ?? '').toLowerCase(),
        value: inner.take('value') ?? '',
      }));
      if (header?.value.includes('%') === true)
        option.fault('header', 'unsupported-value', 'command operators are not supported here');
      return header ?? { name: '', value: '' };
    }),
    headersToRemove: (check.take('request_headers_to_remove') ?? []).map((name) => name.toLowerCase()),
  };
}

function takeMethod(check: Cursor<WireHttp>): Http['method'] {
  const method = check.take('method') ?? 'GET';
  return method === 'METHOD_UNSPECIFIED' || method === 'CONNECT' ? 'GET' : method;
}

/** As hexadecimal text: Envoy's `text` is that already. */
function decodePayload(cursor: Cursor<WirePayload>): string {
  const text = cursor.take('text');
  if (text !== undefined) {
    if (!/^(?:[0-9a-fA-F]{2})+$/.test(text)) cursor.fault('text', 'invalid-value', 'not hexadecimal');
    return text.toLowerCase();
  }
  return Array.from(cursor.take('binary') ?? [], (octet) => octet.toString(16).padStart(2, '0')).join('');
}

function decodeStatuses(cursor: Cursor<Messages['envoy.type.v3.Int64Range']>): { start: number; end: number } {
  const range = decodeRange(cursor);
  if (range.start < 100 || range.start >= range.end || range.end > 600) {
    cursor.refuse('invalid-value', 'a range of statuses is [start, end) within 100 and 600');
  }
  return range;
}

export const encodeHealthCheck = (check: HealthCheck, name: string | undefined): Wire => ({
  name,
  timeout: fromMilliseconds(check.timeout),
  interval: fromMilliseconds(check.interval),
  unhealthy_interval: durationUnless(check.unhealthyInterval, check.interval),
  unhealthy_edge_interval: durationUnless(check.unhealthyEdgeInterval, check.unhealthyInterval),
  healthy_edge_interval: durationUnless(check.healthyEdgeInterval, check.interval),
  initial_jitter: durationUnless(check.initialJitter, 0),
  interval_jitter: durationUnless(check.intervalJitter, 0),
  interval_jitter_percent: unless(check.intervalJitterPercent, 0),
  unhealthy_threshold: check.unhealthyThreshold,
  healthy_threshold: check.healthyThreshold,
  no_traffic_interval: durationUnless(check.noTrafficInterval, NO_TRAFFIC_INTERVAL),
  no_traffic_healthy_interval: durationUnless(check.noTrafficHealthyInterval, check.noTrafficInterval),
  ...encodeCheck(check.check),
});

function encodeCheck(check: HealthCheck['check']): Wire {
  switch (check.kind) {
    case 'http':
      return {
        http_health_check: {
          host: check.host || undefined,
          path: check.path,
          method: unless(check.method, 'GET'),
          expected_statuses: some(check.expectedStatuses),
          retriable_statuses: some(check.retriableStatuses),
          request_headers_to_add: some(check.headersToAdd.map(({ name, value }) => ({ header: { key: name, value } }))),
          request_headers_to_remove: some(check.headersToRemove),
        },
      };
    case 'tcp':
      return {
        tcp_health_check: {
          send: check.send === '' ? undefined : { text: check.send },
          receive: some(check.receive.map((text) => (text === '' ? {} : { text }))),
        },
      };
    case 'grpc':
      return {
        grpc_health_check: { service_name: check.service || undefined, authority: check.authority || undefined },
      };
  }
}
