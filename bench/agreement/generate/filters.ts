/** HTTPRouteFilters of both namespaces, and what rules of routes and their backends say by them. */
import type { SeededRandom } from './random.ts';
import { ELSEWHERE, NAMESPACE, VALUES, WEFT } from './words.ts';

const CONDITIONS = ['if-0', 'if-1', 'if-2'] as const;
const ORIGINS = ['origins-0'] as const;
const ANSWERS = ['answer-0', 'answer-1'] as const;
const REWRITES = ['rewrite-0', 'rewrite-1'] as const;

/** Numbers, and what is none, as requests carry them and ranges are about them. */
export const NUMBERS = ['5', '10', '-3', '05', '+5', '5.0', '9223372036854775808', '-', '1e1', '0'] as const;

export const filters = (random: SeededRandom): unknown[] =>
  [NAMESPACE, ELSEWHERE].flatMap((namespace) => [
    ...CONDITIONS.map((name) => filter(name, namespace, { conditions: conditions(random) })),
    ...ANSWERS.map((name) => filter(name, namespace, { directResponse: answer(random) })),
    ...ORIGINS.map((name) => filter(name, namespace, { cors: { allowOriginRegexes: expressions(random) } })),
    ...REWRITES.map((name) => filter(name, namespace, { urlRewrite: rewriting(random) })),
  ]);

const filter = (name: string, namespace: string, spec: unknown): unknown => ({
  apiVersion: WEFT,
  kind: 'HTTPRouteFilter',
  metadata: { name, namespace },
  spec,
});

const named = (name: string): unknown => ({
  type: 'ExtensionRef',
  extensionRef: { group: 'weft.dev', kind: 'HTTPRouteFilter', name },
});

/** Of a rule; at times one that is not there. */
export const conditioned = (random: SeededRandom): unknown[] =>
  random.chance(0.5) ? random.some([...CONDITIONS, ...(random.chance(0.1) ? ['gone'] : [])], 1, 2).map(named) : [];

/** Of a rule, at times with further origins by expression. */
export const forPages = (random: SeededRandom, named_: boolean): unknown[] => [
  {
    type: 'CORS',
    cors: {
      ...(random.chance(0.8)
        ? {
            allowOrigins: random.chance(0.2)
              ? ['*']
              : random.some(['https://a.example', 'https://*.example', 'http://b.example:8080'], 1, 2),
          }
        : {}),
      ...(random.chance(0.5) ? { allowMethods: random.one([['GET', 'PUT'], ['*']]) } : {}),
      ...(random.chance(0.3) ? { allowCredentials: true } : {}),
    },
  },
  ...(named_ && random.chance(0.4) ? random.some(ORIGINS, 1, 1).map(named) : []),
];

export const SENT_ORIGINS = [
  'https://a.example',
  'https://x.a.example',
  'http://a.example',
  'HTTPS://A.example',
  'http://b.example:8080',
  'https://pr-7.shop.example',
  'null',
] as const;

const expressions = (random: SeededRandom): string[] =>
  random.some(['https://pr-[0-9]+\\.shop\\.example', '.*', 'http://.*', 'null'], 1, 2);

/** Of a rule without backends. */
export const answering = (random: SeededRandom): unknown => named(random.one(ANSWERS));

/** Of a rule or a backend. */
export const rewritten = (random: SeededRandom): unknown => named(random.one(REWRITES));

function conditions(random: SeededRandom): unknown {
  const parts: readonly [string, () => unknown][] = [
    ['headers', () => headerConditions(random)],
    ['headers', () => headerConditions(random)],
    ['headers', () => headerConditions(random)],
    ['scheme', () => random.one(['http', 'https'])],
    ['ignorePathCase', () => true],
    ['from', () => callers(random)],
  ];
  return Object.fromEntries(random.some(parts, 1, 2).map(([name, make]) => [name, make()]));
}

function headerConditions(random: SeededRandom): unknown[] {
  const made = Array.from({ length: 1 + random.upTo(1) }, () => headerCondition(random));
  return [...new Map(made.map((one) => [JSON.stringify(one), one])).values()];
}

function headerCondition(random: SeededRandom): unknown {
  const type = random.one([
    'Exact',
    'Prefix',
    'Suffix',
    'Contains',
    'RegularExpression',
    'Range',
    'Range',
    'Present',
    'Absent',
  ]);
  const invert = random.chance(0.4) ? { invert: true } : {};
  const name = random.one(['x-a', 'X-B', 'x-user']);
  switch (type) {
    case 'Present':
    case 'Absent':
      return { name, type };
    case 'Range': {
      const start = random.one([undefined, -5, 0, 5, 6]);
      const end = random.one([6, 10, 11, ...(start === undefined ? [] : [undefined])]);
      const range = {
        ...(start === undefined ? {} : { start }),
        ...(end === undefined || end === start ? {} : { end }),
      };
      return { name: 'x-n', type, range: start === 6 && end === 6 ? { start } : range, ...invert };
    }
    case 'RegularExpression':
      return { name, type, value: random.one(['.*', '[12]', '(?i)X.*', 'a?', '1|2|']), ...invert };
    default: {
      // Who is asked for: with its port, or without.
      if (random.chance(0.15))
        return { name: 'host', type, value: random.one(['a.example', 'front.shop', '.example', '80', 'A']), ...invert };
      const value = random.one([...VALUES, 'x', 'X1', 'nn', 'B']);
      return { name, type, value, ...(random.chance(0.3) ? { ignoreCase: true } : {}), ...invert };
    }
  }
}

/** Who calls, where their own proxies decide. */
export const callers = (random: SeededRandom): unknown[] =>
  random.some<unknown>(
    [
      { namespaces: [NAMESPACE] },
      { namespaces: [ELSEWHERE, 'elsewhere'] },
      { accounts: ['web'] },
      { namespaces: ['*'], accounts: ['job', 'teller'] },
      { labels: { app: 'web' } },
      { namespaces: ['*'], labels: { app: 'teller' } },
      { labels: { app: 'job', version: 'v1' } },
    ],
    1,
    2,
  );

function answer(random: SeededRandom): unknown {
  const statusCode = random.one([200, 204, 403, 418, 503, 301, 599]);
  return {
    statusCode,
    ...(random.chance(0.5) && statusCode !== 204 ? { body: { inline: random.one(['closed', '{}', 'ä']) } } : {}),
    ...(random.chance(0.3) ? { contentType: 'text/html' } : {}),
  };
}

const rewriting = (random: SeededRandom): unknown => {
  const [pattern, substitution] = random.one([
    ['^/a', '/new'],
    ['/([ab])', '/\\1\\1'],
    ['b', ''],
    ['^/(.*)$', '/pre/\\1'],
    ['(/a)?/b', '\\0/x\\1'],
    ['(?i)/A', '/\\\\'],
    ['$', '/end'],
    ['x*', '-'],
    ['[^/]+', 'w'],
    ['^.*$', ''],
  ] as const);
  return { path: { type: 'ReplaceRegexMatch', replaceRegexMatch: { pattern, substitution } } };
};
