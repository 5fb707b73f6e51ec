/** Policies about services, routes, listeners, namespaces and the mesh. */
import { access } from './access.ts';
import { callers } from './filters.ts';
import type { Features, Materials } from './index.ts';
import type { SeededRandom } from './random.ts';
import { session } from './routes.ts';
import {
  ELSEWHERE,
  GATEWAY_API,
  ISSUERS,
  NAMESPACE,
  SEALED_NAMES,
  SHORT,
  TRUST_DOMAINS,
  VALUES,
  WEFT,
} from './words.ts';

export const policies = (random: SeededRandom, has: Features, materials: Materials): unknown[] => [
  ...access(random, has),
  ...(has.tokens ? several(random, 2, (at) => authentication(random, has, materials, at)) : []),
  ...(has.modes ? several(random, 2, (at) => mode(random, has, at)) : []),
  ...(has.faults ? several(random, 2, (at) => fault(random, has, at)) : []),
  ...(has.limits ? several(random, 2, (at) => rateLimit(random, has, at)) : []),
  ...(has.traffic ? several(random, 3, (at) => trafficPolicy(random, has, at)) : []),
  ...(has.traffic || has.sessions ? several(random, 2, (at) => backendTraffic(random, has, at)) : []),
  ...(has.arrivals ? several(random, 2, (at) => arriving(random, has, at)) : []),
  ...(has.failover ? several(random, 3, (at) => standingIn(random, has, at)) : []),
  ...(has.sealed ? several(random, 3, (at) => sealing(random, at)) : []),
  ...(has.asks
    ? [processing(random, 'eyes'), ...several(random, 2, (at) => processing(random, `eyes-${at}`, has))]
    : []),
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
  readonly ref: { readonly kind: string; readonly name: string; readonly sectionName?: string };
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

function mode(random: SeededRandom, has: Features, index: number): unknown {
  const { namespace, ref } = random.one(calledTargets(has).filter(({ ref: { kind } }) => kind !== 'Mesh'));
  return policy('Authentication', `mode-${index}`, namespace, {
    targetRefs: [ref],
    mtls: { mode: random.one(['Strict', 'Permissive', 'Disabled']) },
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
      ...(ref.kind !== 'Gateway' && random.chance(0.3) ? { from: callers(random) } : {}),
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
    local: { requests: random.one([1, 1, 2, 3]), per: '24h', ...overrides(random, has, ref.kind) },
    ...(random.chance(0.15) ? { mode: 'Shadow' } : {}),
  });
}

/** Callers with a limit of their own, where an identity is proved. Whoever is asked is asked by several. */
function overrides(random: SeededRandom, has: Features, kind: string): { readonly overrides?: unknown } {
  if (has.asks || ['Gateway', 'HTTPRoute', 'GRPCRoute'].includes(kind) || random.chance(0.6)) return {};
  const identities = [
    'shop/web',
    'shop/job',
    'bank/teller',
    'shop/edge',
    `spiffe://${TRUST_DOMAINS[1]}/ns/shop/sa/web`,
  ];
  return {
    overrides: several(random, 2, () => {
      const requests = random.one([1, 2, 3]);
      return {
        identities: random.some(identities, 1, 2),
        requests,
        ...(random.chance(0.3) ? { burst: requests + 1 } : {}),
      };
    }),
  };
}

function trafficPolicy(random: SeededRandom, has: Features, index: number): unknown {
  const about = random.chance(0.4);
  const subset = { namespace: NAMESPACE, ref: { kind: 'Subset', name: 'a-v1' } };
  const called = [...calledTargets(has), ...(has.subsets ? [subset] : [])];
  const { namespace, ref } = random.one(about ? [...routeTargets(has), ...edgeTargets(has)] : called);
  const sections: readonly [string, () => unknown][] = [
    ['timeouts', () => random.one([{ request: SHORT }, { request: '20s' }, { backendRequest: SHORT }])],
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
        ...(random.chance(0.25) ? { hedging: true } : {}),
        ...(random.chance(0.3) ? { budget: { percent: 0, minConcurrent: random.one([0, 0, 3]) } } : {}),
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
  // Who is asked by proxies themselves is asked beyond no limit.
  const chosen = random.some(sections.slice(0, about ? 2 : random.chance(0.2) && !has.asks ? 4 : 3), 1, 2);
  const consumer = ref.kind === 'Service' && random.chance(0.25);
  const other = namespace === NAMESPACE ? ELSEWHERE : NAMESPACE;
  return policy('TrafficPolicy', `traffic-${index}`, consumer ? other : namespace, {
    targetRefs: [consumer ? { ...ref, namespace } : ref],
    // Of some callers alone: of a namespace that is not the service's, or by name.
    ...(ref.kind !== 'Gateway' && random.chance(0.25)
      ? { from: consumer ? [{ accounts: ['teller', 'web'] }] : callers(random) }
      : {}),
    ...Object.fromEntries(chosen.map(([name, make]) => [name, make()])),
  });
}

/** Bounds that nothing here meets, and ports that are for load balancers alone. */
function arriving(random: SeededRandom, has: Features, index: number): unknown {
  const { namespace, ref } = random.one(calledTargets(has));
  const parts: readonly [string, () => unknown][] = [
    ['proxyProtocol', () => ({ from: [random.one(['10.9.0.0/16', '127.0.0.0/8'])] })],
    ['limits', () => random.one<object>([{ connections: 1000 }, { streamsPerConnection: 50 }])],
    ['timeouts', () => ({ requestHeaders: '30s' })],
  ];
  return policy('TrafficPolicy', `arriving-${index}`, namespace, {
    targetRefs: [ref],
    arrivals: Object.fromEntries(random.some(parts, 0, 2).map(([name, make]) => [name, make()])),
  });
}

/** Others in the place of a service, at times of one that nobody is behind, or of each other. */
function standingIn(random: SeededRandom, has: Features, index: number): unknown {
  const line = has.line && random.chance(0.3);
  const name = random.one(line ? ['line', 'no-line', 'no-line'] : ['a', 'b', 'front', 'empty', 'empty', 'empty']);
  const others: readonly object[] = line
    ? [{ name: 'line' }, { name: 'no-line' }, { name: 'far-line', namespace: ELSEWHERE }]
    : [
        { name: 'a' },
        { name: 'b' },
        { name: 'empty' },
        { name: 'gone' },
        { name: 'c', namespace: ELSEWHERE },
        ...(has.subsets ? ['v1', 'v3'].map((one) => ({ kind: 'Subset', name: `a-${one}` })) : []),
      ];
  return policy('TrafficPolicy', `instead-${index}`, NAMESPACE, {
    targetRefs: [{ kind: 'Service', name }],
    failover: { to: random.some(others, 1, 3).map((one) => ({ ...one, port: line ? 7 : 80 })) },
  });
}

/** Gateway API's words for further tries and sessions. */
function backendTraffic(random: SeededRandom, has: Features, index: number): unknown {
  const services = [
    { kind: 'Service', name: 'a' },
    { kind: 'Service', name: 'b' },
    { kind: 'Service', name: 'front' },
    ...(has.grpc ? [{ kind: 'Service', name: 'calls' }] : []),
    ...(has.outside ? [{ group: 'weft.dev', kind: 'ExternalService', name: 'partner' }] : []),
  ];
  const constraint = {
    retryConstraint: {
      budget: { percent: random.one([0, 20, 100]), interval: '10s' },
      minRetryRate: { count: random.one([1, 10]), interval: '1s' },
    },
  };
  const sessions = { sessionPersistence: session(random) };
  return {
    apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
    kind: 'XBackendTrafficPolicy',
    metadata: { name: `backend-${index}`, namespace: NAMESPACE },
    spec: {
      targetRefs: random.some(services, 1, 2).map((ref) => ({ group: '', ...ref })),
      ...(has.traffic ? constraint : {}),
      ...(has.sessions && (!has.traffic || random.chance(0.7)) ? sessions : {}),
    },
  };
}

/** Services that end TLS themselves, in either kind; about `a`, whose workloads have proxies, nothing holds. */
function sealing(random: SeededRandom, index: number): unknown {
  const target = random.one<object>([
    { kind: 'Service', name: 'sealed' },
    { kind: 'Service', name: 'sealed' },
    { kind: 'Service', name: 'sealed', sectionName: 'sealed' },
    { group: 'weft.dev', kind: 'ExternalService', name: 'vault' },
    { group: 'weft.dev', kind: 'ExternalService', name: 'vault' },
    { kind: 'Service', name: 'a' },
  ]);
  const authorities = random.some(['roots', 'roots', 'roots', 'strangers', 'nowhere'], 1, 2);
  const said = {
    caCertificateRefs: [...new Set(authorities)].map((name) => ({ group: '', kind: 'ConfigMap', name })),
    ...(random.chance(0.3) ? { subjectAltNames: [{ type: 'Hostname', hostname: random.one(SEALED_NAMES) }] } : {}),
  };
  const name = random.one(SEALED_NAMES.filter((one) => !one.startsWith('*')));
  if (random.chance(0.5))
    return policy('TrafficPolicy', `seal-${index}`, NAMESPACE, {
      targetRefs: [target],
      tls: { serverName: name, ...said },
    });
  return {
    apiVersion: GATEWAY_API,
    kind: 'BackendTLSPolicy',
    metadata: { name: `seal-${index}`, namespace: NAMESPACE },
    spec: { targetRefs: [{ group: '', ...target }], validation: { hostname: name, ...said } },
  };
}

/** `has`: about services and listeners; else routes name it. */
function processing(random: SeededRandom, name: string, has?: Features): unknown {
  const { namespace, ref } =
    has === undefined
      ? { namespace: NAMESPACE, ref: undefined }
      : random.one([...calledTargets(has), ...edgeTargets(has)]);
  return policy('Extension', name, namespace, {
    ...(ref === undefined ? {} : { targetRefs: [ref] }),
    processing: {
      service: { name: random.chance(0.85) ? 'opa' : 'gone' },
      timeout: '10s',
      onFailure: random.one(['Deny', 'Deny', 'Allow']),
    },
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
