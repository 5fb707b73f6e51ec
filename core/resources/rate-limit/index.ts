/** weft.dev RateLimit: how many requests a service takes in a time. */
import { parseIdentityPattern } from '../../identity/index.ts';
import { parseDuration } from '../../kernel/index.ts';
import { checkTargetNamespaces, routeTargetRefs, targetsColumn } from '../gateway/target-ref.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, duration, headerName, headerValue } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, boolean, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';
import { globalLimits } from './global.ts';

export type { GlobalLimit, GlobalLimits, LimitedBy } from './global.ts';

/** ms; a bucket is not filled more often. */
const SHORTEST = 50;

const COUNT = integer(1, 1_000_000_000);

const override = object(
  {
    identities: required(
      array(string({ maxLength: 2048 }), { minItems: 1, maxItems: 64 }),
      'Whose requests: `spiffe://TRUSTDOMAIN/ns/NAMESPACE/sa/ACCOUNT`, or in short `NAMESPACE/ACCOUNT` in the mesh’s own trust domain. Each has a limit of its own. Of several entries about one the first counts.',
    ),
    requests: required(COUNT, 'So many requests of each pass in each `per` of the limit.'),
    burst: optional(COUNT, 'So many pass at once after a pause. Absent: as many as `requests`.'),
  },
  ({ identities, requests, burst }, report) => {
    if (burst !== undefined && burst < requests)
      report(['burst'], 'out-of-range', 'is less than `requests`', 'make it at least as great, or remove it');
    for (const [index, text] of identities.entries()) {
      const pattern = parseIdentityPattern(text, ANY_DOMAIN);
      if (!pattern.ok) report(['identities', index], 'invalid-identity', pattern.error);
      else if (pattern.value.kind !== 'exact')
        report(['identities', index], 'invalid-identity', 'names several identities', 'name each of them');
    }
  },
);

/** Stands for the mesh's trust domain where only the form of an identity is checked. */
const ANY_DOMAIN = 'mesh';

const local = object(
  {
    requests: required(COUNT, 'So many requests pass in each `per`. On a `tcp` port: connections.'),
    per: defaulted(string({ format: duration }), '1s', 'The time that `requests` is about. At least `50ms`.'),
    burst: optional(COUNT, 'So many pass at once after a pause. Absent: as many as `requests`.'),
    overrides: optional(
      array(override, { minItems: 1, maxItems: 32 }),
      'Callers with a limit of their own, instead of the common one. Where requests arrive at workloads; nothing on `tcp` ports.',
    ),
  },
  ({ requests, per, burst }, report) => {
    if ((parseDuration(per) ?? 0) < SHORTEST) report(['per'], 'out-of-range', `must be at least \`${SHORTEST}ms\``);
    if (burst !== undefined && burst < requests)
      report(['burst'], 'out-of-range', 'is less than `requests`', 'make it at least as great, or remove it');
  },
);

const header = object({
  name: required(string({ format: headerName }), 'The header’s name.'),
  value: required(string({ format: headerValue }), 'The value.'),
});

const response = object({
  status: defaulted(integer(400, 599), 429, 'The status. gRPC callers get RESOURCE_EXHAUSTED.'),
  headers: optional(array(header, { maxItems: 16, uniqueBy: ['name'] }), 'Headers of the answer.'),
  tellsLimits: defaulted(
    boolean(),
    false,
    'Whether all answers carry `x-ratelimit-limit`, `x-ratelimit-remaining` and `x-ratelimit-reset` (seconds).',
  ),
});

const spec = object(
  {
    targetRefs: required(
      routeTargetRefs,
      'What is limited. `Service`, `Namespace` and `Mesh`: each workload’s own proxy counts what arrives there, whoever calls. `HTTPRoute`: each proxy that routes by it counts what it sends. `Gateway`: each of its processes counts what enters, each listener by itself. Of several about the same workload port, route or listener, the most specific counts and replaces the others; among equals the oldest, then the first by namespace and name.',
    ),
    local: optional(local, 'Each proxy counts for itself: two workloads take twice as much.'),
    global: optional(
      globalLimits,
      'A limiter counts for all proxies together, and tells requests apart. No effect on `tcp` ports. With `local` too, both must let a request pass, `local` first.',
    ),
    response: defaulted(response, {}, 'What is answered beyond the limit. A connection to a `tcp` port is closed.'),
    mode: defaulted(
      oneOf(['Enforce', 'Shadow']),
      'Enforce',
      '`Shadow`: everything passes and is counted, so that statistics say what would have been refused.',
    ),
  },
  ({ local: own, global: shared, targetRefs }, report) => {
    if (own === undefined && shared === undefined)
      report([], 'missing-field', 'limits nothing', 'add `local`, `global` or both');
    if (own?.overrides !== undefined)
      for (const [index, { kind }] of targetRefs.entries())
        if (kind === 'HTTPRoute' || kind === 'GRPCRoute' || kind === 'Gateway')
          report(
            ['targetRefs', index, 'kind'],
            'exclusive-fields',
            `a ${kind} is not allowed beside \`local.overrides\`: nobody has proved an identity there`,
            'target the service: its workloads’ proxies know',
          );
    if (!targetRefs.some(({ kind }) => kind === 'HTTPRoute' || kind === 'GRPCRoute')) return;
    for (const [index, { by }] of (shared?.limits ?? []).entries())
      for (const [at, { type }] of (by ?? []).entries())
        if (type === 'Identity' || type === 'Claim')
          report(
            ['global', 'limits', index, 'by', at, 'type'],
            'exclusive-fields',
            `where requests are sent by a route nobody has proved a${type === 'Identity' ? 'n identity' : ' claim'}`,
            'target the service: its workloads’ proxies know',
          );
  },
);

export type LocalLimit = Complete<typeof local>;
export type RateLimitSpec = Complete<typeof spec>;
export type RateLimit = StoredObject<RateLimitSpec, ConditionsStatus>;

export const RATE_LIMIT = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'RateLimit',
  plural: 'ratelimits',
  singular: 'ratelimit',
  shortNames: ['rl'],
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'How many requests are taken in a time; what is more is refused at once, before it costs anything.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ kind: 'Service', name: 'payments' }],
    local: { requests: 100, per: '1s', burst: 200 },
    response: { headers: [{ name: 'retry-after', value: '1' }] },
  },
  status: 'conditions',
  check({ namespace, spec: value }, report) {
    checkTargetNamespaces(value.targetRefs, namespace, report);
  },
  columns: [
    targetsColumn('What is limited.'),
    {
      name: 'Local',
      type: 'string',
      doc: 'spec.local',
      priority: 0,
      value: ({ spec: { local: own } }) => (own === undefined ? '' : `${own.requests}/${own.per}`),
    },
    {
      name: 'Global',
      type: 'string',
      doc: 'spec.global.limits',
      priority: 0,
      value: ({ spec: { global: shared } }) =>
        (shared?.limits ?? []).map(({ requests, per }) => `${requests}/${per}`).join(','),
    },
  ],
});
