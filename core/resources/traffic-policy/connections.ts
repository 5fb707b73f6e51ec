/** How connections to endpoints are opened (Envoy: Cluster.preconnect_policy, upstream_proxy_protocol, upstream_connection_options; TcpProxy.tunneling_config). */
import { parseDuration } from '../../kernel/index.ts';
import { duration, hostOrIp } from '../schema/formats.ts';
import { defaulted, integer, object, oneOf, optional, type Report, required, string } from '../schema/schema.ts';

/** Percent of what is needed; Envoy's bounds. */
const RATIO = integer(100, 300);

/** What sockets can be told. */
function checkKeepalive(
  { time, interval }: { readonly time: string; readonly interval?: string | undefined },
  report: Report,
): void {
  for (const [field, text] of [
    ['time', time],
    ['interval', interval],
  ] as const) {
    const milliseconds = text === undefined ? undefined : parseDuration(text);
    if (milliseconds === undefined) continue;
    if (milliseconds % 1000 !== 0) report([field], 'invalid-value', 'is no whole number of seconds');
    else if (field === 'interval' && milliseconds === 0) report([field], 'out-of-range', 'must be at least `1s`');
    else if (milliseconds > MOST_SECONDS * 1000)
      report([field], 'out-of-range', `must be at most \`${MOST_SECONDS}s\``);
  }
  if (parseDuration(time) === 0 && interval !== undefined)
    report(['interval'], 'exclusive-fields', 'has no meaning where nothing is asked', 'remove it');
}

/** TCP_KEEPIDLE and TCP_KEEPINTVL take no more. */
const MOST_SECONDS = 32_767;

const tunnel = object({
  protocol: defaulted(
    oneOf(['CONNECT', 'POST']),
    'CONNECT',
    'The request that opens the tunnel, in HTTP/1.1: `CONNECT HOST:PORT`, or a `POST` to `/` with that Host, whose body is what the application sends.',
  ),
  targetHost: required(
    string({ format: hostOrIp }),
    'Whom the HTTP proxy is asked to connect to: a host name, which it resolves, or an address.',
  ),
  targetPort: required(integer(1, 65_535), 'The port there.'),
});

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
  tcpKeepalive: optional(
    object(
      {
        time: defaulted(
          string({ format: duration }),
          '5m',
          'Without an octet for so long, the other end is asked whether it is there; whole seconds. `0s`: it is not asked.',
        ),
        interval: optional(
          string({ format: duration }),
          'The time between two probes without an answer; whole seconds. Absent: 30 s on Envoy, the system’s on our engine, which cannot set it.',
        ),
        probes: optional(
          integer(1, 127),
          'So many probes without an answer end the connection. Absent: 3 on Envoy, the system’s on our engine, which cannot set it.',
        ),
      },
      checkKeepalive,
    ),
    'Finds ends that vanished without a word. Absent: as with the defaults below.',
  ),
  proxyProtocol: optional(
    oneOf(['V1', 'V2']),
    'Each connection begins with a PROXY header that names the caller’s address. Only towards an ExternalService: workloads know who calls by mutual TLS. Absent: none.',
  ),
  tunnel: optional(
    tunnel,
    'The service is an HTTP proxy: each connection of opaque TCP goes through it, in a request of its own, to a target further on; one that it does not grant is closed. Of upstreams, TCPRoutes and TLSRoutes that lead there; ports that carry HTTP are not tunnelled, and CONNECT to the service itself by the forward proxy is not. About a Service, an ExternalService or a Subset, or a port of one; all backends of a rule must agree. Absent: none.',
  ),
});
