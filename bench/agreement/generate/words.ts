/** The few words that meshes and requests are made of, so that routes and policies meet the requests often. */

export const GATEWAY_API = 'gateway.networking.k8s.io/v1';
export const WEFT = 'weft.dev/v1alpha1';

export const NAMESPACE = 'shop';
/** A second namespace of the same mesh. */
export const ELSEWHERE = 'bank';

/** Keys of workloads that call. */
export const CALLERS = ['shop/web', 'shop/job', 'bank/teller'] as const;
export type CallerName = (typeof CALLERS)[number];

/** Ports that applications listen on. */
export const PORTS = { http: 8080, grpc: 8082, line: 8083, secure: 8443, sealed: 8444, ask: 9191 } as const;

export interface CalledWorkload {
  readonly key: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly (keyof typeof PORTS)[];
}

/** Workloads with an application behind them. */
export const CALLED: readonly CalledWorkload[] = [
  { key: 'shop/a-1', labels: { app: 'a', version: 'v1' }, ports: ['http'] },
  { key: 'shop/a-2', labels: { app: 'a', version: 'v2' }, ports: ['http'] },
  { key: 'shop/b-1', labels: { app: 'b' }, ports: ['http', 'grpc', 'line', 'secure'] },
  { key: 'bank/c-1', labels: { app: 'c' }, ports: ['http', 'line'] },
  { key: 'shop/opa-1', labels: { app: 'opa' }, ports: ['ask'] },
];

/** One of `a` that has no proxy, where a mesh has it. */
export const BARE = 'shop/a-3';
/** It has no proxy and ends TLS itself, where a mesh has it. */
export const SEALED = 'shop/sealed-1';
/** It serves the Gateway `edge`. */
export const EDGE = 'shop/edge-1';
/** The name of the application outside the mesh. */
export const OUTSIDE = 'partner';
/** The name of the one there that ends TLS itself. */
export const VAULT = 'vault';
/** Where they are said to be. */
export const OUTSIDE_PORTS = { [OUTSIDE]: 9999, [VAULT]: 9998 } as const;

/** Of both sealed ones; the certificate is for all but the last. It has `*.example` too, which our engine takes for no host of a top-level domain and Envoy does. */
export const SEALED_NAMES = ['sealed.example', 'sealed.example', 'a.example', '*.a.example', 'other.test'] as const;

/** A time limit that an application which is late does not keep, and every other one does, also on a machine that is busy. */
export const SHORT = '4s';
/** ms before a slow application answers. */
export const SLOW = 10_000;

/** Cookie and header of every session. */
export const SESSION = { cookie: 'sticky', header: 'x-session' } as const;

/** Addresses that a load balancer before the Gateway tells; those of the second are proxies that may be believed. */
export const TOLD = ['192.0.2.7', '198.51.100.7', '203.0.113.7'] as const;
export const TOLD_BLOCKS = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.7'] as const;

export const EDGE_PORTS = { http: 80, other: 81, https: 443, secure: 8443, line: 7000 } as const;

export const namespaceOf = (key: string): string => key.slice(0, key.indexOf('/'));
export const nameOf = (key: string): string => key.slice(key.indexOf('/') + 1);
export const accountOf = (key: string): string => nameOf(key).replace(/-\d+$/, '');

export const SEGMENTS = ['/', '/a', '/a/', '/a/b', '/ab', '/A', '/b', '/a/b/c'] as const;
export const EXPRESSIONS = ['/a.*', '/[ab]', '/a/(b|c)', '/.*b', '(?i)/a'] as const;
export const SENT_PATHS = [
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
export const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
export const VALUES = ['1', '2', 'x1'] as const;
export const HOSTS = ['front.shop', 'front', 'front.shop:80', 'a.example', 'A.example:8080', 'b.a.example'] as const;
export const EDGE_HOSTS = ['a.example', 'b.a.example', 'A.Example', 'b.example', 'c.test'] as const;

export const ISSUERS = ['https://one.example', 'https://two.example'] as const;

export const TRUST_DOMAINS = ['weft.local', 'other.test'] as const;
