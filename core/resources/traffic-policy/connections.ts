/** How connections to endpoints are opened (Envoy: Cluster.preconnect_policy, upstream_proxy_protocol). */
import { defaulted, integer, object, oneOf, optional } from '../schema/schema.ts';

/** Percent of what is needed; Envoy's bounds. */
const RATIO = integer(100, 300);

export const connections = object({
  preconnect: optional(
    object({
      perEndpointPercent: defaulted(
        RATIO,
        100,
        'Of an endpoint that is in use: connections, in percent of those that its exchanges need. `150`: one more for every two.',
      ),
      predictedPercent: defaulted(
        RATIO,
        100,
        'Of the service: exchanges that are expected, in percent of those that are there; the endpoints that will be next are connected to. Only with `balancing.algorithm` `RoundRobin` or `Random`, which can tell them.',
      ),
    }),
    'Opens connections before requests need them. Absent: a connection is opened when there is none for a request.',
  ),
  proxyProtocol: optional(
    oneOf(['V1', 'V2']),
    'Each connection begins with a PROXY header that names the caller’s address. Only towards an ExternalService: workloads know who calls by mutual TLS. Absent: none.',
  ),
});
