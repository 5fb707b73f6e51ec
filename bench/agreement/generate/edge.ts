/** A Gateway `edge` with listeners of HTTP, HTTPS, TLS passed on and TCP, and the routes attached to it. */
import type { Features, Materials } from './index.ts';
import type { SeededRandom } from './random.ts';
import { rule } from './routes.ts';
import { streamBackends } from './streams.ts';
import { EDGE_PORTS, ELSEWHERE, GATEWAY_API, NAMESPACE, TOLD_BLOCKS, WEFT } from './words.ts';

const HOSTNAMES = ['a.example', '*.example', '*.a.example', 'b.example'] as const;

export const edge = (random: SeededRandom, has: Features, { certificate, key }: Materials): unknown[] => [
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'edge', namespace: NAMESPACE },
    type: 'kubernetes.io/tls',
    stringData: { 'tls.crt': certificate, 'tls.key': key },
  },
  gateway(random),
  ...(has.told ? [arrivals(random)] : []),
  ...Array.from({ length: 1 + random.upTo(2) }, (_, at) => httpRoute(random, has, `edge-${at}`)),
  ...(random.chance(0.6) ? [tlsRoute(random)] : []),
  ...(random.chance(0.4) ? [tcpRoute(random)] : []),
];

/** `other`: listeners of one port that differ in their host names. */
function gateway(random: SeededRandom): unknown {
  const from = random.chance(0.3) ? { allowedRoutes: { namespaces: { from: 'All' } } } : {};
  const tls = { mode: 'Terminate', certificateRefs: [{ name: 'edge' }] };
  return {
    apiVersion: GATEWAY_API,
    kind: 'Gateway',
    metadata: { name: 'edge', namespace: NAMESPACE },
    spec: {
      gatewayClassName: 'weft',
      listeners: [
        { name: 'http', protocol: 'HTTP', port: EDGE_PORTS.http, ...from },
        { name: 'other-wide', protocol: 'HTTP', port: EDGE_PORTS.other, hostname: '*.example', ...from },
        { name: 'other-narrow', protocol: 'HTTP', port: EDGE_PORTS.other, hostname: 'a.example' },
        { name: 'https', protocol: 'HTTPS', port: EDGE_PORTS.https, tls, ...from },
        { name: 'https-narrow', protocol: 'HTTPS', port: EDGE_PORTS.https, hostname: 'a.example', tls },
        { name: 'secure', protocol: 'TLS', port: EDGE_PORTS.secure, tls: { mode: 'Passthrough' } },
        { name: 'line', protocol: 'TCP', port: EDGE_PORTS.line },
      ],
    },
  };
}

/** Of the whole Gateway, so that each connection to it is told about; the harness is the load balancer. */
const arrivals = (random: SeededRandom): unknown => ({
  apiVersion: WEFT,
  kind: 'TrafficPolicy',
  metadata: { name: 'told', namespace: NAMESPACE },
  spec: {
    targetRefs: [{ kind: 'Gateway', name: 'edge' }],
    arrivals: {
      proxyProtocol: { from: ['127.0.0.0/8'] },
      // Bounds that nothing here meets.
      ...(random.chance(0.3) ? { limits: { connections: 1000, streamsPerConnection: 50 } } : {}),
      ...(random.chance(0.3) ? { timeouts: { requestHeaders: '30s' } } : {}),
      ...(random.chance(0.6)
        ? {
            xForwardedFor: {
              from: [TOLD_BLOCKS[1]],
              ...(random.chance(0.4) ? { trustedHops: 1 + random.upTo(1) } : {}),
            },
          }
        : {}),
    },
  },
});

const LISTENERS = ['http', 'other-wide', 'other-narrow', 'https', 'https-narrow'] as const;

/** One of the other namespace is attached where the listener allows it. */
function httpRoute(random: SeededRandom, has: Features, name: string): unknown {
  const namespace = random.chance(0.15) ? ELSEWHERE : NAMESPACE;
  const where = namespace === NAMESPACE ? {} : { namespace: NAMESPACE };
  const parents = random.chance(0.4)
    ? [{ name: 'edge', ...where }]
    : random.some(LISTENERS, 1, 3).map((sectionName) => ({ name: 'edge', ...where, sectionName }));
  const hostnames = random.some(HOSTNAMES, 0, 2);
  return {
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata: { name, namespace },
    spec: {
      parentRefs: parents,
      ...(hostnames.length === 0 ? {} : { hostnames }),
      rules: Array.from({ length: 1 + random.upTo(2) }, (_, at) => rule(random, has, `${name}.${at}`, namespace)),
    },
  };
}

const tlsRoute = (random: SeededRandom): unknown => ({
  apiVersion: GATEWAY_API,
  kind: 'TLSRoute',
  metadata: { name: 'secure', namespace: NAMESPACE },
  spec: {
    parentRefs: [{ name: 'edge', sectionName: 'secure' }],
    hostnames: random.some(HOSTNAMES, 1, 2),
    rules: [{ backendRefs: [{ name: random.one(['secure', 'secure', 'gone']), port: 443 }] }],
  },
});

const tcpRoute = (random: SeededRandom): unknown => ({
  apiVersion: GATEWAY_API,
  kind: 'TCPRoute',
  metadata: { name: 'edge-line', namespace: NAMESPACE },
  spec: { parentRefs: [{ name: 'edge', sectionName: 'line' }], rules: [{ backendRefs: streamBackends(random) }] },
});
