/** What one proxy opens towards a service at most (Envoy: CircuitBreakers.Thresholds). Beyond it: 503 at once, flag UO. */
import { integer, object, optional } from '../schema/schema.ts';

const COUNT = integer(0, 4_294_967_295);

export const limits = object({
  connections: optional(
    COUNT,
    'Connections to all endpoints together. 0: none. Absent: 1024. A number here turns `multiplexing` off, so that it bounds exchanges as well.',
  ),
  pendingRequests: optional(
    COUNT,
    'Requests, or TCP connections, that wait for a connection. 0: none waits. Absent: 1024.',
  ),
  requests: optional(COUNT, 'HTTP: requests at a time. 0: none. Absent: 1024.'),
  retries: optional(
    COUNT,
    'HTTP: further tries at a time, instead of the budget of `retries`. 0: none. Absent: the budget.',
  ),
  streamsPerConnection: optional(
    integer(1, 2_147_483_647),
    'HTTP/2: requests at a time of one connection, at most what the called side takes; the next one waits or opens another. Absent: 100.',
  ),
  requestsPerConnection: optional(
    COUNT,
    'HTTP: a connection closes after so many. 0 or absent: no limit. A number here turns `multiplexing` off.',
  ),
});
