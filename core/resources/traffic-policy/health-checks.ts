/** Asks endpoints whether they are well (Envoy: core.v3.HealthCheck). Every calling proxy asks by itself. */
import { parseDuration } from '../../kernel/index.ts';
import { hostname } from '../schema/formats.ts';
import { duration } from '../schema/formats.ts';
import { checkPath } from '../http-route/path-match.ts';
import { array, defaulted, integer, object, optional, string } from '../schema/schema.ts';

const http = object(
  {
    path: defaulted(string({ maxLength: 1024 }), '/', 'The path that is asked for, without query.'),
    host: optional(string({ format: hostname }), 'The Host header. Absent: the service’s name.'),
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
  ({ path }, report) => checkPath(path, (_, code, message, remedy) => report(['path'], code, message, remedy)),
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
    http: optional(http, 'An HTTP GET.'),
    grpc: optional(grpc, 'A call of grpc.health.v1.Health/Check.'),
    tcp: optional(object({}), 'A connection that opens is well; write `tcp: {}`.'),
  },
  ({ interval, timeout, http: byHttp, grpc: byGrpc, tcp }, report) => {
    if ([byHttp, byGrpc, tcp].filter((check) => check !== undefined).length !== 1) {
      report([], 'exclusive-fields', 'exactly one of `http`, `grpc` and `tcp` is needed', 'add one, such as `tcp: {}`');
    }
    if (parseDuration(interval) === 0) report(['interval'], 'out-of-range', 'must be at least `1ms`');
    if (parseDuration(timeout) === 0) report(['timeout'], 'out-of-range', 'must be at least `1ms`');
  },
);

export const healthChecks = array(healthCheck, { maxItems: 4 });
