/**
 * A mesh made of few words, and requests made of the same, so that routes and policies meet them often. Callers `web` and `job`, a service
 * `front` of the workloads of `a`, services `a` (two workloads), `b` (one), `empty` (none); routes of `front`, policies about all of them.
 */
import type { StatedRequest } from '@weft/compile/answers';
import { admitObject, type StoredObject } from '@weft/core/resources';
import type { SeededRandom } from './random.ts';

export const CALLERS = ['web', 'job'] as const;
export type CallerName = (typeof CALLERS)[number];
/** Workloads with an application behind them. */
export const CALLED = ['a-1', 'a-2', 'b-1'] as const;
export const ACCOUNTS = ['web', 'job', 'a', 'b'] as const;
export const NAMESPACE = 'shop';
export const APPLICATION_PORT = 8080;

const SEGMENTS = ['/', '/a', '/a/', '/a/b', '/ab', '/A', '/b', '/a/b/c'] as const;
const EXPRESSIONS = ['/a.*', '/[ab]', '/a/(b|c)', '/.*b', '(?i)/a'] as const;
const SENT_PATHS = [
  ...SEGMENTS,
  '/a/../b',
  '//a',
  '/a%2fb',
  '/a%62',
  '/a;p=1',
  '/a/./b',
  '/%61',
  '/a//b',
  '/b/',
  '/c',
] as const;
const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
const VALUES = ['1', '2', 'x1'] as const;
const HOSTS = ['front.shop', 'front', 'front.shop:80', 'a.example', 'A.example:8080', 'b.a.example'] as const;

export interface Generated {
  readonly objects: readonly StoredObject[];
  readonly requests: readonly GeneratedRequest[];
}

export interface GeneratedRequest {
  readonly caller: CallerName;
  readonly request: StatedRequest;
}

const GATEWAY_API = 'gateway.networking.k8s.io/v1';
const WEFT = 'weft.dev/v1alpha1';

export function generate(random: SeededRandom, requests: number): Generated {
  return {
    objects: stored([...mesh(random), ...routes(random), ...policies(random)]),
    requests: Array.from({ length: requests }, () => request(random)),
  };
}

function stored(texts: readonly unknown[]): StoredObject[] {
  return texts.map((text, index) => {
    const { object, diagnostics } = admitObject(text);
    if (object === undefined) throw new TypeError(`${JSON.stringify(diagnostics)}\n${JSON.stringify(text)}`);
    const creationTimestamp = new Date(1_790_000_000_000 + index * 1000).toISOString();
    return {
      ...object,
      metadata: { ...object.metadata, uid: `uid-${index}`, resourceVersion: '1', generation: 1, creationTimestamp },
    };
  });
}

function mesh(random: SeededRandom): unknown[] {
  const service = (name: string, app: string): unknown => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE },
    spec: { selector: { app }, ports: [{ name: 'http', port: 80, targetPort: APPLICATION_PORT, appProtocol: 'http' }] },
  });
  const workload = (name: string, index: number): unknown => ({
    apiVersion: WEFT,
    kind: 'Workload',
    metadata: { name, namespace: NAMESPACE, labels: { app: name.slice(0, 1) } },
    spec: {
      account: accountOf(name),
      addresses: [{ ip: `10.0.0.${index + 1}` }],
      ports: [{ name: 'http', port: APPLICATION_PORT, protocol: 'http', proxyPort: 15_001 }],
    },
  });
  const caller = (name: string, index: number): unknown => ({
    apiVersion: WEFT,
    kind: 'Workload',
    metadata: { name, namespace: NAMESPACE, labels: { app: name } },
    spec: { account: name, addresses: [{ ip: `10.0.1.${index + 1}` }] },
  });
  return [
    {
      apiVersion: WEFT,
      kind: 'Mesh',
      metadata: { name: 'default' },
      spec: {
        trustDomain: 'weft.local',
        mtls: { mode: random.one(['Strict', 'Strict', 'Permissive']) },
        access: { default: random.chance(0.1) ? 'Deny' : 'Allow' },
      },
    },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    service('front', 'a'),
    service('a', 'a'),
    service('b', 'b'),
    service('empty', 'nobody'),
    ...CALLED.map(workload),
    ...CALLERS.map(caller),
  ];
}

export const accountOf = (workload: string): string => workload.replace(/-\d+$/, '');

function routes(random: SeededRandom): unknown[] {
  return Array.from({ length: random.upTo(2) }, (_, index) => ({
    apiVersion: GATEWAY_API,
    kind: 'HTTPRoute',
    metadata: { name: `route-${index}`, namespace: NAMESPACE },
    spec: {
      parentRefs: [{ group: '', kind: 'Service', name: 'front', ...(random.chance(0.3) ? { port: 80 } : {}) }],
      rules: Array.from({ length: 1 + random.upTo(3) }, (_each, at) => rule(random, `${index}.${at}`)),
    },
  }));
}

/** Every rule says its name in its answers. */
function rule(random: SeededRandom, name: string): unknown {
  const matches = Array.from({ length: random.upTo(2) }, () => match(random));
  const prefixes = matches.length === 1 && matches[0]?.path?.type === 'PathPrefix';
  const told = { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-rule', value: name }] } };
  if (random.chance(0.15)) return { matches, filters: [told, redirect(random, prefixes)] };
  return {
    matches,
    filters: [
      told,
      ...(random.chance(0.3) ? [rewrite(random, prefixes)] : []),
      ...(random.chance(0.3) ? [headers(random)] : []),
    ],
    ...(random.chance(0.1) ? { timeouts: { request: '5s' } } : {}),
    backendRefs: random
      .some(random.chance(0.2) ? ['a', 'b', 'empty', 'gone'] : ['a', 'b', 'front'], random.chance(0.05) ? 0 : 1, 3)
      .map((backend) => ({ name: backend, port: 80, weight: random.one([0, 1, 1, 3]) })),
  };
}

interface Match {
  readonly path?: { readonly type: string; readonly value: string };
  readonly method?: string;
  readonly headers?: readonly unknown[];
  readonly queryParams?: readonly unknown[];
}

function match(random: SeededRandom): Match {
  const named = (names: readonly string[]): unknown[] =>
    random
      .some(names, 1, 2)
      .map((name) =>
        random.chance(0.3)
          ? { name, type: 'RegularExpression', value: random.one(['[12]', 'x.*', '.*1']) }
          : { name, value: random.one(VALUES) },
      );
  const type = random.one(['PathPrefix', 'PathPrefix', 'Exact', 'RegularExpression']);
  const value = random.one<string>(type === 'RegularExpression' ? EXPRESSIONS : SEGMENTS);
  return {
    ...(random.chance(0.8) ? { path: { type, value } } : {}),
    ...(random.chance(0.2) ? { method: random.one(METHODS) } : {}),
    ...(random.chance(0.3) ? { headers: named(['x-a', 'X-B']) } : {}),
    ...(random.chance(0.2) ? { queryParams: named(['q', 'r']) } : {}),
  };
}

const path = (random: SeededRandom, prefixes: boolean): unknown =>
  prefixes && random.chance(0.6)
    ? { type: 'ReplacePrefixMatch', replacePrefixMatch: random.one(['/', '/new', '/new/', '/a']) }
    : { type: 'ReplaceFullPath', replaceFullPath: random.one(['/full', '/full/x', '/']) };

const redirect = (random: SeededRandom, prefixes: boolean): unknown => ({
  type: 'RequestRedirect',
  requestRedirect: {
    ...(random.chance(0.5) ? { hostname: 'elsewhere.example' } : {}),
    ...(random.chance(0.3) ? { scheme: random.one(['http', 'https']) } : {}),
    ...(random.chance(0.3) ? { port: random.one([80, 443, 8443]) } : {}),
    ...(random.chance(0.5) ? { path: path(random, prefixes) } : {}),
    statusCode: random.one([301, 302, 303, 307, 308]),
  },
});

const rewrite = (random: SeededRandom, prefixes: boolean): unknown => ({
  type: 'URLRewrite',
  urlRewrite: {
    ...(random.chance(0.4) ? { hostname: 'inside.example' } : {}),
    path: path(random, prefixes),
  },
});

const headers = (random: SeededRandom): unknown => ({
  type: 'RequestHeaderModifier',
  requestHeaderModifier: random.one([
    { set: [{ name: 'x-a', value: '2' }] },
    { add: [{ name: 'x-b', value: '1' }] },
    { remove: ['x-a'] },
  ]),
});

function policies(random: SeededRandom): unknown[] {
  return Array.from({ length: random.upTo(2) }, (_, index) => {
    const target = random.one([
      { kind: 'Service', name: 'a' },
      { kind: 'Service', name: 'b' },
      { kind: 'Service', name: 'front' },
      { kind: 'Service', name: 'a', sectionName: 'http' },
      { kind: 'Namespace', name: NAMESPACE },
    ]);
    return {
      apiVersion: WEFT,
      kind: 'AccessPolicy',
      metadata: { name: `policy-${index}`, namespace: NAMESPACE },
      spec: {
        targetRefs: [target],
        action: random.one(['ALLOW', 'DENY']),
        ...(random.chance(0.1) ? { enforcement: 'Shadow' } : {}),
        rules: Array.from({ length: random.chance(0.05) ? 0 : 1 + random.upTo(2) }, () => accessRule(random)),
      },
    };
  });
}

function accessRule(random: SeededRandom): unknown {
  const from = random.one<unknown>([
    undefined,
    { accounts: random.some(['web', 'job', 'other'], 1, 2) },
    { identities: [random.one(['shop/web', '*', 'elsewhere/job'])] },
    { notIdentities: [random.one(['shop/web', 'shop/job'])] },
    { namespaces: [random.one([NAMESPACE, 'elsewhere'])] },
  ]);
  const patterns = (): string[] => random.some(['/a', '/a/*', '/b', '*b', '/', '/full', '/new*', '*'], 1, 2);
  const parts: readonly [string, () => unknown][] = [
    ['methods', () => random.some(METHODS, 1, 2)],
    ['notMethods', () => [random.one(METHODS)]],
    ['paths', patterns],
    ['notPaths', patterns],
    ['hosts', () => [random.one(['a.example', '*.a.example', 'front.shop', 'inside.example'])]],
    ['notHosts', () => [random.one(['a.example', 'front.shop'])]],
    [
      'headers',
      () => [
        random.one<unknown>([
          { name: 'x-a', type: 'Present' },
          { name: 'x-b', value: '1' },
        ]),
      ],
    ],
    ['ports', () => ['http']],
  ];
  const to = random.chance(0.75)
    ? Object.fromEntries(random.some(parts, 1, 2).map(([name, make]) => [name, make()]))
    : undefined;
  return { ...(from === undefined ? {} : { from: [from] }), ...(to === undefined ? {} : { to: [to] }) };
}

function request(random: SeededRandom): GeneratedRequest {
  const query = random.chance(0.4) ? `?${random.some(['q=1', 'q=2', 'r=x1', 'r=', 'q'], 1, 2).join('&')}` : '';
  const sent = random.some(['x-a', 'x-b'], 0, 2).map((name) => ({ name, value: random.one(VALUES) }));
  return {
    caller: random.one(CALLERS),
    request: {
      method: random.one(METHODS),
      path: `${random.one(SENT_PATHS)}${query}`,
      headers: [...(random.chance(0.7) ? [{ name: 'host', value: random.one(HOSTS) }] : []), ...sent],
    },
  };
}
