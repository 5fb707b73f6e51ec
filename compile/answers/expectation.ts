/** A policy test: a question and what its answer must say; and what of an answer differs from it. */
import {
  any,
  array,
  boolean,
  type Complete,
  defaulted,
  integer,
  map,
  object,
  oneOf,
  optional,
  required,
  string,
} from '@weft/core/resources/schema';
import type { Explanation } from './explanation.ts';
import { percent } from './onward.ts';

const expectation = object(
  {
    allowed: optional(boolean(), 'Whether the service answers it: at every endpoint (`true`), or at none (`false`).'),
    verdict: optional(
      oneOf([
        'allowed',
        'mixed',
        'denied',
        'no-route',
        'not-visible',
        'redirect',
        'answered',
        'unavailable',
        'bad-request',
      ]),
      'The verdict, in the words of `weft explain`.',
    ),
    status: optional(integer(0, 599), 'What the mesh itself answers; 0: nothing of its own.'),
    backends: optional(
      map(integer(0, 100), { maxEntries: 64 }),
      'Shares in percent by service, as `[NAMESPACE/]NAME` or with `:PORT`: all that requests may go to.',
    ),
    rule: optional(string(), 'Source of the route’s match, `Kind/namespace/name#field.path`, or its beginning.'),
    path: optional(string(), 'The path as it goes on to every backend.'),
    settings: optional(
      map(string(), { maxEntries: 64 }),
      'Values by name as `weft explain` shows them, such as `timeout: 10s`.',
    ),
    by: optional(string(), 'Source of what decided, or its beginning.'),
  },
  (value, report) => {
    if (Object.values(value).every((field) => field === undefined))
      report([], 'missing-field', 'expects nothing', 'add `allowed`, `verdict`, `status`, `backends` or another field');
  },
);

const question = object({
  name: required(string({ maxLength: 200 }), 'What the case shows.'),
  from: required(
    string(),
    'Who calls: `[NAMESPACE/]NAME` of a workload, its app or account; `outside`, or an IP address outside the mesh.',
  ),
  to: required(
    string(),
    'What is called: `[NAMESPACE/]NAME[:PORT]` of a service; `gateway/[NAMESPACE/]NAME[:PORT]`: what is entered from outside.',
  ),
  request: defaulted(
    object({
      method: defaulted(string(), 'GET', 'The method.'),
      path: defaulted(string(), '/', 'The path with its query.'),
      headers: defaulted(map(string({ minLength: 0 }), { maxEntries: 100 }), {}, 'Headers by name.'),
      claims: optional(
        map(any(), { maxEntries: 100 }),
        'Claims of its token, taken as signed and in time. Absent: it carries none.',
      ),
    }),
    {},
    'The request.',
  ),
  expect: required(expectation, 'What must hold.'),
});

/** A file of policy tests. */
export const POLICY_TEST = object({
  kind: required(oneOf(['PolicyTest']), '`PolicyTest`.'),
  apiVersion: required(oneOf(['weft.dev/v1alpha1']), '`weft.dev/v1alpha1`.'),
  namespace: defaulted(string(), 'default', 'Namespace of names without one.'),
  objects: required(
    array(string(), { minItems: 1, maxItems: 64 }),
    'Files and folders of the objects that are tested, relative to this file.',
  ),
  cases: required(array(question, { minItems: 1, maxItems: 10_000, uniqueBy: ['name'] }), 'The cases.'),
});

export type PolicyTest = Complete<typeof POLICY_TEST>;
export type PolicyCase = PolicyTest['cases'][number];
export type Expectation = PolicyCase['expect'];

/** A field of `expect` with what was found instead. */
export interface Difference {
  readonly field: keyof Expectation;
  readonly message: string;
}

export function differences(answer: Explanation, expected: Expectation, namespace: string): Difference[] {
  const found: Difference[] = [];
  const compare = (field: keyof Expectation, wanted: unknown, actual: unknown, holds = wanted === actual): void => {
    if (wanted !== undefined && !holds)
      found.push({ field, message: `expected ${shown(wanted)}, found ${shown(actual)}` });
  };
  const { verdict, routing } = answer;
  compare(
    'allowed',
    expected.allowed,
    verdict.kind,
    expected.allowed === undefined || allowedOf(answer) === expected.allowed,
  );
  compare('verdict', expected.verdict, verdict.kind);
  compare('status', expected.status, verdict.status);
  compare('rule', expected.rule, routing?.rule, begins(routing?.rule, expected.rule));
  compare('by', expected.by, verdict.source ?? decider(answer), begins(verdict.source ?? decider(answer), expected.by));
  const paths = [...new Set((routing?.backends ?? []).map(({ path }) => path))];
  compare('path', expected.path, paths.join(' and '), paths.length === 1 && paths[0] === expected.path);
  if (expected.backends !== undefined) found.push(...backendDifferences(answer, expected.backends, namespace));
  for (const [name, value] of Object.entries(expected.settings ?? {})) {
    const actual = settingsOf(answer, name);
    if (!actual.includes(value))
      found.push({
        field: 'settings',
        message: `${name}: expected ${shown(value)}, found ${shown(actual.join(', ') || undefined)}`,
      });
  }
  return found;
}

/** undefined: by some endpoints, or nobody was asked. */
function allowedOf({ verdict }: Explanation): boolean | undefined {
  if (verdict.kind === 'allowed') return true;
  return verdict.kind === 'mixed' || verdict.kind === 'redirect' ? undefined : false;
}

/** The source of the word that decided, where all agree in it. */
function decider({ arrivals, entry }: Explanation): string | undefined {
  if (entry?.word.allowed === false) return entry.word.source;
  const sources = new Set(arrivals.map(({ source }) => source));
  return sources.size === 1 ? [...sources][0] : undefined;
}

const begins = (text: string | undefined, start: string | undefined): boolean =>
  start !== undefined &&
  text !== undefined &&
  (text === start || (text.startsWith(start) && /^[#.[]/.test(text.slice(start.length))));

function backendDifferences(
  { routing }: Explanation,
  expected: Readonly<Record<string, number>>,
  namespace: string,
): Difference[] {
  const actual = new Map((routing?.backends ?? []).map(({ port, share }) => [port ?? '', share]));
  const wanted = Object.entries(expected).map(([name, share]) => {
    const [service = '', port] = (name.includes('/') ? name : `${namespace}/${name}`).split(':');
    const key = [...actual.keys()].find((candidate) =>
      port === undefined ? candidate.startsWith(`${service}/`) : candidate === `${service}/${port}`,
    );
    return { name, share, key };
  });
  const same =
    wanted.length === actual.size &&
    wanted.every(({ key, share }) => key !== undefined && Math.abs((actual.get(key) ?? 0) * 100 - share) < 0.5);
  if (same) return [];
  const text = [...actual].map(([port, share]) => `${port || 'a backend that does not exist'}: ${percent(share)}`);
  return [{ field: 'backends', message: `found ${text.join(', ') || 'none'}` }];
}

const settingsOf = ({ entry, routing, arrivals }: Explanation, name: string): string[] =>
  [
    ...(entry?.settings ?? []),
    ...(routing?.settings ?? []),
    ...arrivals.flatMap(({ settings = [] }) => settings),
    ...(routing?.backends ?? []).flatMap(({ settings }) => settings),
  ]
    .filter((setting) => setting.name === name)
    .map(({ value }) => value);

const shown = (value: unknown): string => (value === undefined || value === '' ? 'nothing' : String(value));
