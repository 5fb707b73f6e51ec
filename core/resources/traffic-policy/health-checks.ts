/** Asks endpoints whether they are well (Envoy: core.v3.HealthCheck). Every calling proxy asks by itself. */
import { parseDuration } from '../../kernel/index.ts';
import { hostname } from '../schema/formats.ts';
import { duration, headerName, headerValue } from '../schema/formats.ts';
import { checkPath } from '../http-route/path-match.ts';
import { array, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';

const header = object({
  name: required(string({ format: headerName }), 'The header’s name; not `host`, which is a field of its own.'),
  value: required(string({ format: headerValue }), 'The value, as it is.'),
});

/** Octets: as text, or in base64. */
const payload = object(
  {
    text: optional(string({ maxLength: 1024 }), 'As UTF-8.'),
    binary: optional(string({ maxLength: 1368 }), 'In base64.'),
  },
  ({ text, binary }, report) => {
    if ((text === undefined) === (binary === undefined))
      report([], 'exclusive-fields', 'exactly one of `text` and `binary` is needed', 'write `text: PING`, say');
    if (binary !== undefined && (binary.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(binary)))
      report(['binary'], 'invalid-value', 'is not base64');
  },
);

const tcp = object(
  {
    send: optional(payload, 'What is sent. Absent: nothing.'),
    receive: optional(
      array(payload, { minItems: 1, maxItems: 16 }),
      'What must come, in this order, with anything between. Absent: a connection that opens is well.',
    ),
  },
  ({ send, receive }, report) => {
    if (send !== undefined && receive === undefined)
      report(
        ['send'],
        'exclusive-fields',
        'has no meaning without `receive`: nobody would wait for an answer',
        'add `receive`',
      );
  },
);

/** Not for others to write: the host is a field, the rest says where a message ends. */
const OWN: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'keep-alive',
]);

const http = object(
  {
    method: defaulted(oneOf(['GET', 'HEAD', 'POST', 'OPTIONS']), 'GET', 'The method; no body is sent.'),
    path: defaulted(string({ maxLength: 1024 }), '/', 'The path that is asked for, without query.'),
    host: optional(string({ format: hostname }), 'The Host header. Absent: the service’s name.'),
    headers: optional(
      array(header, { minItems: 1, maxItems: 16, uniqueBy: ['name'] }),
      'Headers that the request carries beside its own.',
    ),
    statuses: defaulted(
      array(
        object(
          {
            from: defaulted(integer(100, 599), 200, 'The first.'),
            to: defaulted(integer(100, 599), 299, 'The last.'),
          },
          ({ from, to }, report) => {
            if (from > to) report(['from'], 'out-of-range', 'is greater than `to`');
          },
        ),
        { minItems: 1, maxItems: 16 },
      ),
      [{ from: 200, to: 299 }],
      'Ranges of statuses that mean well.',
    ),
  },
  ({ path, headers = [] }, report) => {
    checkPath(path, (_, code, message, remedy) => report(['path'], code, message, remedy));
    for (const [index, { name }] of headers.entries())
      if (OWN.has(name.toLowerCase()))
        report(['headers', index, 'name'], 'invalid-value', `\`${name}\` is written by the check itself`, 'remove it');
  },
);

const grpc = object({
  service: defaulted(
    string({ minLength: 0, maxLength: 1024 }),
    '',
    'The service name in grpc.health.v1; empty: the whole server.',
  ),
});

export const healthCheck = object(
  {
    interval: defaulted(string({ format: duration }), '10s', 'The time between two checks of an endpoint.'),
    timeout: defaulted(string({ format: duration }), '1s', 'A check without answer has failed after so long.'),
    unhealthyThreshold: defaulted(integer(1, 100), 3, 'So many failures in a row take an endpoint out.'),
    healthyThreshold: defaulted(integer(1, 100), 2, 'So many successes in a row take it in again.'),
    initialJitter: optional(
      string({ format: duration }),
      'The first check of an endpoint waits for up to so long. Absent: it does not wait.',
    ),
    intervalJitter: optional(
      string({ format: duration }),
      'Each further check waits for up to so long more, so that proxies do not ask in step. Absent: see `intervalJitterPercent`.',
    ),
    intervalJitterPercent: optional(
      integer(0, 100),
      'The same in percent of `interval`. Absent: 10, or 0 where `intervalJitter` is stated.',
    ),
    http: optional(http, 'An HTTP request.'),
    grpc: optional(grpc, 'A call of grpc.health.v1.Health/Check.'),
    tcp: optional(tcp, 'A connection that opens is well (`tcp: {}`), or one that answers as it should.'),
  },
  ({ interval, timeout, http: byHttp, grpc: byGrpc, tcp: byTcp }, report) => {
    if ([byHttp, byGrpc, byTcp].filter((check) => check !== undefined).length !== 1) {
      report([], 'exclusive-fields', 'exactly one of `http`, `grpc` and `tcp` is needed', 'add one, such as `tcp: {}`');
    }
    if (parseDuration(interval) === 0) report(['interval'], 'out-of-range', 'must be at least `1ms`');
    if (parseDuration(timeout) === 0) report(['timeout'], 'out-of-range', 'must be at least `1ms`');
  },
);

export const healthChecks = array(healthCheck, { maxItems: 4 });
