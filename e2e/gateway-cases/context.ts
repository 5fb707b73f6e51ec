/** What all cases of gateways start from: certificates, services, hosts outside, and one Gateway an engine. */
import type { KeyPair } from '@weft/testkit/gateway-cases';

export const LISTENERS = [
  'http',
  'https',
  'mutual',
  'members',
  'tls',
  'tcp',
  'udp',
  'plain-udp',
  'guarded',
  'walled',
  'told',
  'told-tls',
  'told-tcp',
  'elsewhere',
  'forwarded',
  'forwarded-tls',
  'hops',
  'versions',
  'optional',
  'lenient',
] as const;
export type ListenerName = (typeof LISTENERS)[number];

export const NO_PAIR: KeyPair = { key: '', cert: '' };

/** Hosts outside the mesh that end TLS themselves; each engine has its own of each name. */
const SECURE =
  'right named wild misnamed strange unverified older system inline referred renamed hosts absent beside'.split(' ');

/** `port`: of the server behind all of them. */
export const secureHosts = (engine: string, port: number): readonly unknown[] =>
  SECURE.map((name) => ({
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'ExternalService',
    metadata: { name: `${name}-${engine}`, namespace: 'default' },
    spec: {
      host: `${name}.${engine}.outside`,
      ports: [{ name: 'https', port: 443, appProtocol: 'http' }],
      endpoints: [{ ip: '127.0.0.1', port }],
    },
  }));

const service = (name: string, port: string, protocol: string, namespace = 'default'): unknown => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: {
    selector: { app: namespace === 'far' ? 'far' : 'echo' },
    ports: [{ name: protocol, port: 80, targetPort: port, appProtocol: protocol }],
  },
});

export const tlsSecret = (name: string, { cert, key }: KeyPair): unknown => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace: 'default' },
  type: 'kubernetes.io/tls',
  stringData: { 'tls.crt': cert, 'tls.key': key },
});

/** Certificates `shop` (for shop.example and where nothing else fits) and `wild`; services `a`, `b`, `h2`, `line`, `other`, `secure`, and `far` elsewhere. */
export const context = (pairs: ReadonlyMap<string, KeyPair>): readonly unknown[] => [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'far', labels: { team: 'far' } } },
  {
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'Mesh',
    metadata: { name: 'soft' },
    spec: { trustDomain: 'soft.local', mtls: { mode: 'Permissive' } },
  },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'soft', labels: { 'weft.dev/mesh': 'soft' } } },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'guest', labels: { team: 'guest' } } },
  ...['shop', 'wild', 'known'].map((name) => tlsSecret(name, pairs.get(name) ?? NO_PAIR)),
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'authority', namespace: 'default' },
    data: { 'ca.crt': pairs.get('authority')?.cert },
  },
  service('a', 'a', 'http'),
  service('b', 'b', 'http'),
  service('h2', 'h2', 'grpc'),
  service('line', 'line', 'tcp'),
  service('other', 'other', 'tcp'),
  service('secure', 'secure', 'tcp'),
  service('far', 'http', 'http', 'far'),
  ...['default', 'soft'].map((namespace) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'names', namespace },
    spec: { selector: { app: 'names' }, ports: [{ name: 'dns', port: 53, targetPort: 'dns', protocol: 'UDP' }] },
  })),
];

export const gateways = (engine: string, port: (name: ListenerName) => number): readonly unknown[] => [
  gateway(engine, port),
  ...['guest', 'far'].map((namespace) => listenerSet(engine, namespace, port('http'))),
  {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: `edge-${engine}`, namespace: 'soft' },
    spec: {
      gatewayClassName: 'weft',
      addresses: [{ type: 'IPAddress', value: '127.0.0.1' }],
      listeners: [{ name: 'udp', protocol: 'UDP', port: port('udp') }],
    },
  },
];

function gateway(engine: string, port: (name: ListenerName) => number): unknown {
  const everybody = { namespaces: { from: 'All' } };
  const tlsOf = (name: string) => ({ certificateRefs: [{ name }] });
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: `edge-${engine}`, namespace: 'default' },
    spec: {
      gatewayClassName: 'weft',
      // Any of those that its processes have.
      addresses: [{ type: 'IPAddress', value: '' }],
      allowedListeners: { namespaces: { from: 'Selector', selector: { matchLabels: { team: 'guest' } } } },
      tls: {
        backend: { clientCertificateRef: { name: 'known' } },
        frontend: {
          default: {},
          perPort: (['mutual', 'members', 'optional', 'lenient'] as const).map((name) => ({
            port: port(name),
            tls: {
              validation: {
                ...(name === 'lenient' ? { mode: 'AllowInsecureFallback' } : {}),
                caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'authority' }],
              },
            },
          })),
        },
      },
      listeners: [
        { name: 'http', protocol: 'HTTP', port: port('http'), allowedRoutes: everybody },
        { name: 'http-shop', protocol: 'HTTP', port: port('http'), hostname: '*.shop.example' },
        {
          name: 'http-guest',
          protocol: 'HTTP',
          port: port('http'),
          hostname: 'guest.example',
          allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { team: 'guest' } } } },
        },
        {
          name: 'http-calls',
          protocol: 'HTTP',
          port: port('http'),
          hostname: 'calls.example',
          allowedRoutes: { kinds: [{ kind: 'GRPCRoute' }] },
        },
        { name: 'https', protocol: 'HTTPS', port: port('https'), tls: tlsOf('shop') },
        { name: 'https-wild', protocol: 'HTTPS', port: port('https'), hostname: '*.wild.example', tls: tlsOf('wild') },
        { name: 'https-one', protocol: 'HTTPS', port: port('https'), hostname: 'one.wild.example', tls: tlsOf('wild') },
        { name: 'mutual', protocol: 'HTTPS', port: port('mutual'), tls: tlsOf('shop') },
        ...['members.example', 'anyone.example', 'others.example'].map((hostname) => ({
          name: hostname.split('.')[0],
          protocol: 'HTTPS',
          port: port('members'),
          hostname,
          tls: tlsOf('shop'),
        })),
        {
          name: 'passthrough',
          protocol: 'TLS',
          port: port('tls'),
          hostname: '*.through.example',
          tls: { mode: 'Passthrough' },
        },
        { name: 'ended', protocol: 'TLS', port: port('tls'), hostname: '*.ended.example', tls: tlsOf('wild') },
        { name: 'tcp', protocol: 'TCP', port: port('tcp') },
        { name: 'udp', protocol: 'UDP', port: port('plain-udp') },
        { name: 'guarded', protocol: 'HTTP', port: port('guarded') },
        ...['open.example', 'broken.example', 'processed.example', '*.limited.example'].map((hostname) => ({
          name: hostname.split('.').at(-2),
          protocol: 'HTTP',
          port: port('guarded'),
          hostname,
        })),
        { name: 'walled', protocol: 'TCP', port: port('walled') },
        { name: 'told', protocol: 'HTTP', port: port('told') },
        { name: 'told-too', protocol: 'HTTP', port: port('told'), hostname: 'too.example' },
        {
          name: 'told-https',
          protocol: 'HTTPS',
          port: port('told-tls'),
          hostname: '*.shop.example',
          tls: tlsOf('shop'),
        },
        {
          name: 'told-through',
          protocol: 'TLS',
          port: port('told-tls'),
          hostname: '*.through.example',
          tls: { mode: 'Passthrough' },
        },
        {
          name: 'told-ended',
          protocol: 'TLS',
          port: port('told-tls'),
          hostname: '*.ended.example',
          tls: tlsOf('wild'),
        },
        { name: 'told-tcp', protocol: 'TCP', port: port('told-tcp') },
        { name: 'elsewhere', protocol: 'HTTP', port: port('elsewhere') },
        { name: 'forwarded', protocol: 'HTTP', port: port('forwarded') },
        { name: 'forwarded-tls', protocol: 'HTTPS', port: port('forwarded-tls'), tls: tlsOf('shop') },
        { name: 'hops', protocol: 'HTTP', port: port('hops') },
        ...Object.entries({
          modern: { 'weft.dev/minimum-protocol-version': '1.3' },
          older: {
            'weft.dev/maximum-protocol-version': '1.2',
            'weft.dev/cipher-suites': 'ECDHE-ECDSA-AES256-GCM-SHA384, ECDHE-ECDSA-CHACHA20-POLY1305',
          },
        }).map(([name, options]) => ({
          name,
          protocol: 'HTTPS',
          port: port('versions'),
          hostname: `${name}.example`,
          tls: { ...tlsOf('shop'), options },
        })),
        {
          name: 'optional',
          protocol: 'HTTPS',
          port: port('optional'),
          tls: { ...tlsOf('shop'), options: { 'weft.dev/client-certificates': 'Optional' } },
        },
        { name: 'lenient', protocol: 'HTTPS', port: port('lenient'), tls: tlsOf('shop') },
      ],
    },
  };
}

/** Listeners of two host names on the Gateway's own port; one of them the Gateway has itself. */
const listenerSet = (engine: string, namespace: string, port: number): unknown => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'ListenerSet',
  metadata: { name: `set-${engine}`, namespace },
  spec: {
    parentRef: { name: `edge-${engine}`, namespace: 'default' },
    listeners: ['set.example', '*.shop.example'].map((hostname) => ({
      name: hostname === 'set.example' ? 'own' : 'taken',
      protocol: 'HTTP',
      port,
      hostname,
    })),
  },
});
