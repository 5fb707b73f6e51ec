/** Time limits (Envoy: Cluster.connect_timeout, RouteAction.timeout, RetryPolicy.per_try_timeout, idle timeouts). */
import { parseDuration } from '../../kernel/index.ts';
import { duration } from '../schema/formats.ts';
import { object, optional, string } from '../schema/schema.ts';

const time = string({ format: duration });

export const timeouts = object(
  {
    connect: optional(time, 'For a connection to an endpoint, TLS handshake included. At least `1ms`. Absent: 5 s.'),
    request: optional(
      time,
      'HTTP: from the end of the request to the end of the response, retries included; then 504. `0s`: none. Absent: none. An HTTPRoute’s `timeouts.request` goes before it.',
    ),
    backendRequest: optional(
      time,
      'HTTP: the same for each try. `0s`: none. Absent: none. At most `request`. An HTTPRoute’s `timeouts.backendRequest` goes before it.',
    ),
    backendIdle: optional(
      time,
      'HTTP: a try whose response has not begun, or stands still, for so long has failed. `0s`: none. Absent: none.',
    ),
    stream: optional(
      time,
      'HTTP: from the head of the request to the end of the response; for streams, instead of `request`. `0s`: none. Absent: none.',
    ),
    streamIdle: optional(
      time,
      'HTTP: without a byte in either direction an exchange ends with 408 or 504. `0s`: none. Absent: 5 min.',
    ),
    connection: optional(
      time,
      'A connection to an endpoint closes so long after it opened, when its exchanges are over. `0s`: never. Absent: never.',
    ),
    idle: optional(
      time,
      'A connection to an endpoint without request, or for TCP without byte, closes. `0s`: never. Absent: 1 h.',
    ),
  },
  ({ connect, request, backendRequest, stream }, report) => {
    if (stream !== undefined && request !== undefined)
      report(['stream'], 'exclusive-fields', 'not beside `request`', 'remove one');
    if (connect !== undefined && parseDuration(connect) === 0) {
      report(['connect'], 'out-of-range', 'a connection needs some time', 'write at least `1ms`');
    }
    const whole = parseDuration(request ?? '0s') ?? 0;
    if (whole !== 0 && (parseDuration(backendRequest ?? '0s') ?? 0) > whole) {
      report(['backendRequest'], 'out-of-range', 'is longer than `request`', 'make it at most as long');
    }
  },
);
