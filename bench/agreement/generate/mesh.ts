/** Meshes, namespaces, services and workloads. */
import {
  ELSEWHERE,
  GATEWAY_API,
  NAMESPACE,
  OUTSIDE,
  OUTSIDE_PORTS,
  PORTS,
  TRUST_DOMAINS,
  VAULT,
  WEFT,
} from './words.ts';
import { accountOf, BARE, CALLED, CALLERS, EDGE, nameOf, namespaceOf, SEALED } from './words.ts';
import type { Features, Materials } from './index.ts';
import type { SeededRandom } from './random.ts';

const service = (key: string, app: string, name: keyof typeof PORTS, port: number, appProtocol: string): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: nameOf(key), namespace: namespaceOf(key) },
  spec: { selector: { app }, ports: [{ name, port, targetPort: PORTS[name], appProtocol }] },
});

const PROTOCOLS = { http: 'http', grpc: 'grpc', line: 'tcp', secure: 'tcp', sealed: 'http', ask: 'grpc' } as const;

function workload(
  key: string,
  index: number,
  labels: Readonly<Record<string, string>>,
  ports: readonly (keyof typeof PORTS)[],
  proxied = true,
): unknown {
  return {
    apiVersion: WEFT,
    kind: 'Workload',
    metadata: { name: nameOf(key), namespace: namespaceOf(key), labels },
    spec: {
      account: accountOf(key),
      addresses: [{ ip: `10.0.0.${index + 1}` }],
      ports: ports.map((name, at) => ({
        name,
        port: PORTS[name],
        protocol: PROTOCOLS[name],
        ...(proxied ? { proxyPort: 15_001 + at } : {}),
      })),
    },
  };
}

/** Which ports of workloads a mesh has: one that nothing leads to costs both engines a listener. */
const wanted = (has: Features, name: keyof typeof PORTS): boolean =>
  name === 'http' ||
  (name === 'grpc' && has.grpc) ||
  (name === 'line' && (has.line || has.edge)) ||
  (name === 'secure' && has.edge) ||
  (name === 'ask' && has.asks);

export function mesh(random: SeededRandom, has: Features, materials: Materials): unknown[] {
  const called = CALLED.map(({ key, labels, ports }) => ({
    key,
    labels,
    ports: ports.filter((one) => wanted(has, one)),
  }));
  return [
    {
      apiVersion: WEFT,
      kind: 'Mesh',
      metadata: { name: 'default' },
      spec: {
        trustDomain: random.chance(0.85) ? TRUST_DOMAINS[0] : TRUST_DOMAINS[1],
        ...(random.chance(0.3) ? { egress: { mode: 'Allow' } } : {}),
        mtls: { mode: random.one(['Strict', 'Strict', 'Permissive']) },
        access: {
          default: random.chance(0.1) ? 'Deny' : 'Allow',
          ...(random.chance(0.1)
            ? { namespaces: { [NAMESPACE]: { default: random.chance(0.5) ? 'Deny' : 'Allow' } } }
            : {}),
        },
      },
    },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ELSEWHERE, labels: { team: 'bank' } } },
    service('shop/front', 'a', 'http', 80, 'http'),
    service('shop/a', 'a', 'http', 80, 'http'),
    service('shop/b', 'b', 'http', 80, 'http'),
    service('bank/c', 'c', 'http', 80, 'http'),
    service('shop/empty', 'nobody', 'http', 80, 'http'),
    ...(has.grpc ? [service('shop/calls', 'b', 'grpc', 80, 'grpc')] : []),
    ...(has.line || has.edge
      ? [
          service('shop/line', 'b', 'line', 7, 'tcp'),
          service('bank/far-line', 'c', 'line', 7, 'tcp'),
          service('shop/no-line', 'nobody', 'line', 7, 'tcp'),
        ]
      : []),
    ...(has.edge ? [service('shop/secure', 'b', 'secure', 443, 'tcp')] : []),
    ...(has.asks ? [service('shop/opa', 'opa', 'ask', 9191, 'grpc'), extension(random)] : []),
    ...(has.outside ? [external(OUTSIDE, 80, outsideHosts(random))] : []),
    ...(has.sealed ? sealed(materials) : []),
    ...(has.subsets ? subsets() : []),
    ...(random.chance(0.7) ? [grant()] : []),
    ...called
      .filter(({ ports }) => ports.length > 0)
      .map(({ key, labels, ports }, at) => workload(key, at, labels, ports)),
    ...(has.bare ? [workload(BARE, 20, { app: 'a', version: 'v1' }, ['http'], false)] : []),
    ...CALLERS.map((key, at) => workload(key, 100 + at, { app: nameOf(key) }, [])),
    ...(has.edge ? [workload(EDGE, 50, { 'gateway.networking.k8s.io/gateway-name': 'edge' }, [])] : []),
  ];
}

const extension = (random: SeededRandom): unknown => ({
  apiVersion: WEFT,
  kind: 'Extension',
  metadata: { name: 'opa', namespace: NAMESPACE },
  spec: { authorization: { service: { name: random.chance(0.85) ? 'opa' : 'gone' }, timeout: '10s' } },
});

const external = (name: typeof OUTSIDE | typeof VAULT, port: number, hosts: object): unknown => ({
  apiVersion: WEFT,
  kind: 'ExternalService',
  metadata: { name, namespace: NAMESPACE },
  spec: {
    ...hosts,
    ports: [{ name: 'http', port, appProtocol: 'http' }],
    endpoints: [{ ip: '127.0.0.1', port: OUTSIDE_PORTS[name] }],
  },
});

/** One host, several, or all below one: its endpoints are stated, so that callers need not name which. */
const outsideHosts = (random: SeededRandom): object =>
  random.one<object>([
    { host: 'partner.example' },
    { host: 'partner.example' },
    { hosts: ['partner.example', '*.partner.example'] },
    { host: '*.partner.example' },
    { hosts: ['a.example', 'partner.example'], addresses: ['192.0.2.0/24'] },
  ]);

/** A service of a workload without a proxy and a host outside that end TLS themselves, and the authorities that policies name. */
const sealed = ({ roots, strangers }: Materials): unknown[] => [
  service('shop/sealed', 'sealed', 'sealed', 443, 'http'),
  workload(SEALED, 21, { app: 'sealed' }, ['sealed'], false),
  external(VAULT, 443, { host: 'vault.example' }),
  ...Object.entries({ roots, strangers }).map(([name, text]) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: NAMESPACE },
    data: { 'ca.crt': text },
  })),
];

const subsets = (): unknown[] =>
  ['v1', 'v2', 'v3'].map((version) => ({
    apiVersion: WEFT,
    kind: 'Subset',
    metadata: { name: `a-${version}`, namespace: NAMESPACE },
    spec: { service: 'a', labels: { version } },
  }));

/** From the routes of `shop` to the services of `bank`. */
const grant = (): unknown => ({
  apiVersion: GATEWAY_API,
  kind: 'ReferenceGrant',
  metadata: { name: 'shop', namespace: ELSEWHERE },
  spec: {
    from: [
      ...['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute'].map((kind) => ({
        group: 'gateway.networking.k8s.io',
        kind,
        namespace: NAMESPACE,
      })),
      { group: 'weft.dev', kind: 'TrafficPolicy', namespace: NAMESPACE },
    ],
    to: [{ group: '', kind: 'Service' }],
  },
});
