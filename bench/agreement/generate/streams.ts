/** Routes of calls and of connections: GRPCRoutes of the service `calls`, TCPRoutes of `line`. */
import { conditioned } from './filters.ts';
import type { Features } from './index.ts';
import type { SeededRandom } from './random.ts';
import { headers } from './routes.ts';
import { ELSEWHERE, GATEWAY_API, NAMESPACE, VALUES } from './words.ts';

export const SERVICES = ['shop.Orders', 'shop.Stock', 'shop.orders'] as const;
export const CALLS = ['Get', 'List', 'get'] as const;

export const streamRoutes = (random: SeededRandom, has: Features): unknown[] => [
  ...(has.grpc ? Array.from({ length: random.upTo(2) }, (_, at) => grpcRoute(random, has, `calls-${at}`)) : []),
  ...(has.line && random.chance(0.6) ? [tcpRoute(random)] : []),
];

const grpcRoute = (random: SeededRandom, has: Features, name: string): unknown => ({
  apiVersion: GATEWAY_API,
  kind: 'GRPCRoute',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    parentRefs: [{ group: '', kind: 'Service', name: 'calls', ...(random.chance(0.3) ? { port: 80 } : {}) }],
    rules: Array.from({ length: 1 + random.upTo(2) }, (_, at) => ({
      matches: Array.from({ length: random.upTo(2) }, () => grpcMatch(random)),
      filters: [
        {
          type: 'ResponseHeaderModifier',
          responseHeaderModifier: { set: [{ name: 'x-rule', value: `${name}.${at}` }] },
        },
        ...(random.chance(0.3) ? [headers(random)] : []),
        ...(has.filters ? conditioned(random) : []),
      ],
      backendRefs: [
        { name: 'calls', port: 80, weight: random.one([1, 1, 1, 0]) },
        ...(random.chance(0.15) ? [{ name: random.one(['gone', 'empty']), port: 80, weight: 1 }] : []),
      ],
    })),
  },
});

const grpcMatch = (random: SeededRandom): unknown => {
  const exact = random.chance(0.7);
  return {
    ...(random.chance(0.8)
      ? {
          method: exact
            ? {
                ...(random.chance(0.8) ? { service: random.one(SERVICES) } : {}),
                method: random.one(CALLS),
              }
            : {
                type: 'RegularExpression',
                service: random.one(['shop\\..*', '.*[Oo]rders']),
                method: random.one(['G.*', '.*']),
              },
        }
      : {}),
    ...(random.chance(0.3) ? { headers: [{ name: 'x-a', value: random.one(VALUES) }] } : {}),
  };
};

const tcpRoute = (random: SeededRandom): unknown => ({
  apiVersion: GATEWAY_API,
  kind: 'TCPRoute',
  metadata: { name: 'line', namespace: NAMESPACE },
  spec: {
    parentRefs: [{ group: '', kind: 'Service', name: 'line' }],
    rules: [{ backendRefs: streamBackends(random) }],
  },
});

export const streamBackends = (random: SeededRandom): unknown[] =>
  random
    .some(
      [
        { name: 'line' },
        { name: 'far-line', namespace: ELSEWHERE },
        ...(random.chance(0.3) ? [{ name: 'no-line' }, { name: 'gone' }] : []),
      ],
      1,
      2,
    )
    .map((ref) => ({ ...ref, port: 7, weight: random.one([0, 1, 1, 3]) }));
