/** HTTPRoutes of `front`, `a` and the host outside, and their rules; a consumer's route of the other namespace. Every rule says its name in its answers. */
import { answering, conditioned, forPages, rewritten } from './filters.ts';
import type { Features } from './index.ts';
import type { SeededRandom } from './random.ts';
import { ELSEWHERE, EXPRESSIONS, GATEWAY_API, METHODS, NAMESPACE, SEGMENTS, SESSION, VALUES } from './words.ts';

export function routes(random: SeededRandom, has: Features): unknown[] {
  const own = Array.from({ length: random.upTo(2) }, (_, index) =>
    route(random, has, `route-${index}`, NAMESPACE, [parent(random, random.chance(0.85) ? 'front' : 'a')]),
  );
  return [
    ...own,
    // Attached nowhere by itself: rules of the others hand requests to it.
    route(random, has, LOWER, NAMESPACE, undefined),
    ...(has.outside && random.chance(0.5)
      ? [
          route(random, has, 'abroad', NAMESPACE, [
            {
              group: 'weft.dev',
              kind: 'ExternalService',
              name: 'partner',
              ...(random.chance(0.5) ? { port: 80 } : {}),
            },
          ]),
        ]
      : []),
    // A consumer's route: it counts for callers of its own namespace.
    ...(random.chance(0.1)
      ? [
          route(random, has, 'consumer', ELSEWHERE, [
            { group: '', kind: 'Service', name: 'front', namespace: NAMESPACE },
          ]),
        ]
      : []),
  ];
}

const LOWER = 'lower';

const parent = (random: SeededRandom, name: string): unknown => ({
  group: '',
  kind: 'Service',
  name,
  ...(random.chance(0.3) ? { port: 80 } : {}),
});

const route = (
  random: SeededRandom,
  has: Features,
  name: string,
  namespace: string,
  parentRefs: readonly unknown[] | undefined,
): unknown => ({
  apiVersion: GATEWAY_API,
  kind: 'HTTPRoute',
  metadata: { name, namespace },
  spec: {
    ...(parentRefs === undefined ? {} : { parentRefs }),
    rules: Array.from({ length: 1 + random.upTo(3) }, (_, at) => rule(random, has, `${name}.${at}`, namespace)),
  },
});

/** A name for one rule, so that policies can be about it. */
const named = (name: string): { readonly name?: string } => (name.endsWith('.0') ? { name: 'first' } : {});

export function rule(random: SeededRandom, has: Features, name: string, namespace: string): unknown {
  const matches = Array.from({ length: random.upTo(2) }, () => match(random));
  const prefixes = matches.length === 1 && matches[0]?.path?.type === 'PathPrefix';
  const told = { type: 'ResponseHeaderModifier', responseHeaderModifier: { set: [{ name: 'x-rule', value: name }] } };
  const asking = has.filters ? conditioned(random) : [];
  const pages = has.pages && random.chance(0.6) ? forPages(random, has.filters) : [];
  const first = [told, ...asking, ...pages];
  if (random.chance(0.15)) return { ...named(name), matches, filters: [told, ...asking, redirect(random, prefixes)] };
  if (has.filters && random.chance(0.15))
    return { ...named(name), matches, filters: [told, ...asking, answering(random)] };
  if (/^(?:route|edge)-/.test(name) && random.chance(0.12)) {
    const lower = { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: LOWER };
    return { ...named(name), matches, filters: first, backendRefs: [lower] };
  }
  const led = backends(random, has, namespace);
  return {
    ...named(name),
    matches,
    filters: [
      ...first,
      ...(has.asks && random.chance(0.15) ? [asked(random)] : []),
      ...(random.chance(0.3)
        ? [has.filters && random.chance(0.5) ? rewritten(random) : rewrite(random, prefixes)]
        : []),
      ...(random.chance(0.3) ? [headers(random)] : []),
      ...(has.mirrors && random.chance(0.4) ? [mirror(random, namespace)] : []),
    ],
    ...(random.chance(0.1) ? { timeouts: { request: '20s' } } : {}),
    ...(has.traffic && random.chance(0.15)
      ? { retry: { attempts: 1 + random.upTo(1), codes: [503], backoff: '1ms' } }
      : {}),
    ...(has.sessions && led.length === 1 && random.chance(0.3) ? { sessionPersistence: session(random) } : {}),
    backendRefs: led,
  };
}

function backends(random: SeededRandom, has: Features, namespace: string): unknown[] {
  const usual: readonly unknown[] = [
    { name: 'a', namespace: NAMESPACE },
    { name: 'b', namespace: NAMESPACE },
    { name: 'front', namespace: NAMESPACE },
    { name: 'c', namespace: ELSEWHERE },
    ...(has.subsets ? ['v1', 'v2', 'v3'].map((one) => ({ group: 'weft.dev', kind: 'Subset', name: `a-${one}` })) : []),
    ...(has.outside ? [{ group: 'weft.dev', kind: 'ExternalService', name: 'partner' }] : []),
    ...(has.sealed
      ? [
          { name: 'sealed', port: 443 },
          { group: 'weft.dev', kind: 'ExternalService', name: 'vault', port: 443 },
        ]
      : []),
  ];
  const all = random.chance(has.failover ? 0.6 : 0.2) ? [...usual, { name: 'empty' }, { name: 'gone' }] : usual;
  return random.some(all, random.chance(0.05) ? 0 : 1, 3).map((backend) => {
    const { namespace: where, ...ref } = backend as { readonly namespace?: string };
    return {
      port: 80,
      ...ref,
      ...(where === undefined || where === namespace ? {} : { namespace: where }),
      weight: random.one([0, 1, 1, 3]),
      ...(random.chance(0.08)
        ? { filters: [has.filters && random.chance(0.5) ? rewritten(random) : headers(random)] }
        : {}),
    };
  });
}

/** At times to somebody who is not there, which the caller does not notice. */
function mirror(random: SeededRandom, namespace: string): unknown {
  const { namespace: where, ...ref } = random.one([
    { name: 'a', namespace: NAMESPACE },
    { name: 'b', namespace: NAMESPACE },
    { name: 'c', namespace: ELSEWHERE },
    { name: 'empty', namespace: NAMESPACE },
    { name: 'gone', namespace: NAMESPACE },
  ]);
  return {
    type: 'RequestMirror',
    requestMirror: {
      backendRef: { ...ref, port: 80, ...(where === namespace ? {} : { namespace: where }) },
      ...(random.chance(0.5) ? { percent: random.one([0, 50, 100]) } : {}),
    },
  };
}

/** Of an Extension: one that is asked, one that processes. */
const asked = (random: SeededRandom): unknown => ({
  type: 'ExtensionRef',
  extensionRef: { group: 'weft.dev', kind: 'Extension', name: random.one(['opa', 'opa', 'eyes', 'eyes', 'nobody']) },
});

export const session = (random: SeededRandom): unknown => {
  const type = random.one(['Cookie', 'Header']);
  return { type, sessionName: type === 'Cookie' ? SESSION.cookie : SESSION.header };
};

interface Match {
  readonly path?: { readonly type: string; readonly value: string };
  readonly method?: string;
  readonly headers?: readonly unknown[];
  readonly queryParams?: readonly unknown[];
}

function match(random: SeededRandom): Match {
  const conditions = (names: readonly string[]): unknown[] =>
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
    ...(random.chance(0.3) ? { headers: conditions(['x-a', 'X-B']) } : {}),
    ...(random.chance(0.2) ? { queryParams: conditions(['q', 'r']) } : {}),
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

export const headers = (random: SeededRandom): unknown => ({
  type: 'RequestHeaderModifier',
  requestHeaderModifier: random.one([
    { set: [{ name: 'x-a', value: '2' }] },
    { add: [{ name: 'x-b', value: '1' }] },
    { remove: ['x-a'] },
  ]),
});
