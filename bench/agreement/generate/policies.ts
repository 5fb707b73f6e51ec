/** Policies about services, routes, listeners, namespaces and the mesh. */
import { access } from './access.ts';
import type { Features, Materials } from './index.ts';
import type { SeededRandom } from './random.ts';
import { ELSEWHERE, ISSUERS, NAMESPACE, VALUES, WEFT } from './words.ts';

export const policies = (random: SeededRandom, has: Features, materials: Materials): unknown[] => [
  ...access(random, has),
  ...(has.tokens ? several(random, 2, (at) => authentication(random, has, materials, at)) : []),
  ...(has.faults ? several(random, 2, (at) => fault(random, has, at)) : []),
  ...(has.limits ? several(random, 2, (at) => rateLimit(random, has, at)) : []),
  ...(has.traffic ? several(random, 3, (at) => trafficPolicy(random, has, at)) : []),
  ...(has.visibility ? [visibility(random)] : []),
  ...(has.patches ? [patch(random)] : []),
];

export const several = (random: SeededRandom, most: number, make: (index: number) => unknown): unknown[] =>
  Array.from({ length: 1 + random.upTo(most - 1) }, (_, index) => make(index));

const policy = (kind: string, name: string, namespace: string, spec: unknown): unknown => ({
  apiVersion: WEFT,
  kind,
  metadata: { name, namespace },
  spec,
});

interface Target {
  readonly namespace: string;
  readonly ref: unknown;
}

/** What is called. */
export const calledTargets = (has: Features): Target[] => [
  ...['a', 'b', 'front'].map((name) => ({ namespace: NAMESPACE, ref: { kind: 'Service', name } })),
  { namespace: NAMESPACE, ref: { kind: 'Service', name: 'a', sectionName: 'http' } },
  { namespace: ELSEWHERE, ref: { kind: 'Service', name: 'c' } },
  { namespace: NAMESPACE, ref: { kind: 'Namespace', name: NAMESPACE } },
  { namespace: NAMESPACE, ref: { kind: 'Mesh', name: 'default' } },
  ...(has.grpc ? [{ namespace: NAMESPACE, ref: { kind: 'Service', name: 'calls' } }] : []),
  ...(has.line ? [{ namespace: NAMESPACE, ref: { kind: 'Service', name: 'line' } }] : []),
];

export const edgeTargets = (has: Features): Target[] =>
  has.edge
    ? [
        { namespace: NAMESPACE, ref: { kind: 'Gateway', name: 'edge' } },
        ...['http', 'other-wide', 'https', 'secure', 'line'].map((sectionName) => ({
          namespace: NAMESPACE,
          ref: { kind: 'Gateway', name: 'edge', sectionName },
        })),
      ]
    : [];

const routeTargets = (has: Features): Target[] => {
  const names = ['route-0', 'route-1', ...(has.edge ? ['edge-0'] : [])];
  return [
    ...names.map((name) => ({ namespace: NAMESPACE, ref: { kind: 'HTTPRoute', name } })),
    { namespace: NAMESPACE, ref: { kind: 'HTTPRoute', name: 'route-0', sectionName: 'first' } },
    ...(has.grpc ? [{ namespace: NAMESPACE, ref: { kind: 'GRPCRoute', name: 'calls-0' } }] : []),
  ];
};

function authentication(random: SeededRandom, has: Features, { issuers }: Materials, index: number): unknown {
  const { namespace, ref } = random.one([...calledTargets(has), ...edgeTargets(has)]);
  return policy('Authentication', `tokens-${index}`, namespace, {
    targetRefs: [ref],
    mode: random.one(['Required', 'Optional']),
    issuers: random.some(ISSUERS, 1, 2).map((issuer) => ({
      issuer,
      ...(random.chance(0.5) ? { audiences: ['shop'] } : {}),
      ...(random.chance(0.2) ? { requireExpiration: false } : {}),
      ...(random.chance(0.4) ? { forward: true } : {}),
      keys: { jwks: issuers.jwks(issuer) },
      ...(random.chance(0.3) ? { claimHeaders: [{ claim: 'sub', header: 'x-subject' }] } : {}),
    })),
    ...(random.chance(0.3)
      ? { exempt: [{ ...(random.chance(0.5) ? { methods: ['GET'] } : {}), paths: [random.one(['/a', '/a/*', '/b'])] }] }
      : {}),
  });
}

function fault(random: SeededRandom, has: Features, index: number): unknown {
  const { namespace, ref } = random.one([...calledTargets(has), ...edgeTargets(has), ...routeTargets(has)]);
  const share = (): unknown => (random.chance(0.6) ? {} : { percent: random.one([0, 50, 100]) });
  return policy('Fault', `fault-${index}`, namespace, {
    targetRefs: [ref],
    faults: several(random, 2, () => ({
      ...(random.chance(0.7)
        ? {
            headers: [
              random.chance(0.3)
                ? { name: 'x-a', type: 'RegularExpression', value: 'x.*' }
                : { name: random.one(['x-a', 'x-b']), value: random.one(VALUES) },
            ],
          }
        : {}),
      ...(random.chance(0.8)
        ? { abort: { httpStatus: random.one([418, 500, 503]), ...(share() as object) } }
        : { delay: { duration: '5ms', ...(share() as object) } }),
    })),
  });
}

function rateLimit(random: SeededRandom, has: Features, index: number): unknown {
  const { namespace, ref } = random.one([...calledTargets(has), ...edgeTargets(has), ...routeTargets(has)]);
  return policy('RateLimit', `limit-${index}`, namespace, {
    targetRefs: [ref],
    // Nothing is filled again while a run lasts.
    local: { requests: random.one([1, 1, 2, 3]), per: '24h' },
    ...(random.chance(0.15) ? { mode: 'Shadow' } : {}),
  });
}

function trafficPolicy(random: SeededRandom, has: Features, index: number): unknown {
  const about = random.chance(0.4);
  const subset = { namespace: NAMESPACE, ref: { kind: 'Subset', name: 'a-v1' } };
  const called = [...calledTargets(has), ...(has.subsets ? [subset] : [])];
  const { namespace, ref } = random.one(about ? [...routeTargets(has), ...edgeTargets(has)] : called);
  const sections: readonly [string, () => unknown][] = [
    ['timeouts', () => random.one([{ request: '1s' }, { request: '20s' }, { backendRequest: '1s' }])],
    [
      'retries',
      () => ({
        attempts: random.upTo(2),
        ...random.one<object>([
          { conditions: ['ServerError'] },
          { conditions: ['GatewayError'] },
          { conditions: ['ConnectFailure'] },
          { codes: [503] },
          { conditions: ['ConnectFailure'], codes: [500] },
        ]),
        ...(random.chance(0.25) ? { methods: ['GET', 'PUT'] } : {}),
        backoff: { base: '1ms', max: '5ms' },
      }),
    ],
    [
      'balancing',
      () =>
        random.one([
          { algorithm: 'RoundRobin' },
          { algorithm: 'Random' },
          { algorithm: 'RingHash', hashOn: [{ type: 'Header', name: 'x-user' }] },
          {
            algorithm: 'Maglev',
            hashOn: [
              { type: 'Header', name: 'x-user' },
              { type: 'QueryParameter', name: 'q' },
            ],
          },
        ]),
    ],
    ['limits', () => random.one([{ requests: 0 }, { connections: 10 }])],
  ];
  const chosen = random.some(sections.slice(0, about ? 2 : random.chance(0.2) ? 4 : 3), 1, 2);
  return policy('TrafficPolicy', `traffic-${index}`, namespace, {
    targetRefs: [ref],
    ...Object.fromEntries(chosen.map(([name, make]) => [name, make()])),
  });
}

function visibility(random: SeededRandom): unknown {
  const known = [{}, { name: 'front' }, { name: 'a' }, { namespace: '*' }, { namespace: ELSEWHERE, name: 'c' }];
  const target = random.one([
    { kind: 'Namespace', name: NAMESPACE },
    { kind: 'Mesh', name: 'default' },
  ]);
  return policy('Visibility', 'known', NAMESPACE, {
    targetRefs: [target],
    ...(target.kind === 'Namespace' && random.chance(0.5) ? { workloadSelector: { app: 'web' } } : {}),
    services: random.some(known, 1, 2),
  });
}

/** It adds a header to answers, and decides nothing. */
function patch(random: SeededRandom): unknown {
  const value = { response_headers_to_add: [{ header: { key: 'x-patched', value: 'yes' } }] };
  return policy('EnginePatch', 'patch', NAMESPACE, {
    targetRefs: [
      random.one([
        { kind: 'Namespace', name: NAMESPACE },
        { kind: 'Mesh', name: 'default' },
      ]),
    ],
    patches: [
      random.one<unknown>([
        {
          part: 'RouteConfiguration',
          match: { routeConfiguration: 'outbound/shop/front/80' },
          operation: 'Merge',
          value,
        },
        { part: 'VirtualHost', match: { routeConfiguration: '*' }, operation: 'Merge', value },
      ]),
    ],
  });
}
