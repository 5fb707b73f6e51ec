/** Gateway API XBackendTrafficPolicy (experimental; GEP-3388 retry budgets, GEP-1619 sessions): what holds for all calls to a service. */
import { parseDuration } from '../../kernel/index.ts';
import { backendTargetRefs, targetsColumn } from '../gateway/target-ref.ts';
import { sessionPersistence } from '../http-route/session-persistence.ts';
import { defineKind } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, duration } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { defaulted, integer, object, optional, required, string } from '../schema/schema.ts';
import type { PolicyStatus } from '../status.ts';

/** Kinds of Gateway API that are experimental. */
const EXPERIMENTAL_GROUP = 'gateway.networking.x-k8s.io';

const HOUR = 3_600_000;

const budget = object(
  {
    percent: defaulted(
      integer(0, 100),
      20,
      'Further tries at any moment: at most this share of the requests then active, or begun within `interval`.',
    ),
    interval: defaulted(
      string({ format: duration }),
      '10s',
      'Requests count for so long from their beginning; from `1s` to `1h`.',
    ),
  },
  ({ interval }, report) => {
    const ms = parseDuration(interval) ?? 0;
    if (ms < 1000 || ms > HOUR) report(['interval'], 'out-of-range', 'must be from `1s` to `1h`');
  },
);

const rate = object(
  {
    count: defaulted(integer(1, 1_000_000), 10, 'So many further tries.'),
    interval: defaulted(string({ format: duration }), '1s', 'In so long; more than `0s`, at most `1h`.'),
  },
  ({ interval }, report) => {
    const ms = parseDuration(interval) ?? 0;
    if (ms === 0 || ms > HOUR) report(['interval'], 'out-of-range', 'must be more than `0s`, and at most `1h`');
  },
);

const retryConstraint = object({
  budget: defaulted(budget, { percent: 20, interval: '10s' }, 'How many further tries there may be.'),
  minRetryRate: defaulted(
    rate,
    { count: 10, interval: '1s' },
    'Further tries that are allowed whatever the share. As in Envoy, which counts what is under way: `count` at any moment, which is at least that rate while a try takes no longer than `interval`.',
  ),
});

const spec = object({
  targetRefs: required(
    backendTargetRefs,
    'The services that it is about. Of several policies that say the same about one service the oldest counts, then the first by name; the others get Accepted=False, reason Conflicted.',
  ),
  retryConstraint: optional(
    retryConstraint,
    'Keeps retries from piling up. It goes before `retries.budget` of a TrafficPolicy about a namespace or the mesh and behind one about a port of the service; of two about the same service the older counts. Beyond the budget a failed request is answered as it failed. Absent: as TrafficPolicies and the Mesh say.',
  ),
  sessionPersistence: optional(
    sessionPersistence,
    'Keeps the requests of a session at one endpoint of the service, by whatever route they come. A rule’s own `sessionPersistence` goes before it. Among several backends of a rule each keeps sessions of its own: which backend is still drawn by weight.',
  ),
});

export type XBackendTrafficPolicySpec = Complete<typeof spec>;
export type XBackendTrafficPolicy = StoredObject<XBackendTrafficPolicySpec, PolicyStatus>;

export const X_BACKEND_TRAFFIC_POLICY = defineKind({
  group: EXPERIMENTAL_GROUP,
  versions: ['v1alpha1'],
  kind: 'XBackendTrafficPolicy',
  plural: 'xbackendtrafficpolicies',
  singular: 'xbackendtrafficpolicy',
  shortNames: ['xbtrafficpolicy'],
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'How many further tries a service bears, and whether sessions stay with one of its endpoints. It acts in the calling proxies, gateways included.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ group: '', kind: 'Service', name: 'orders' }],
    retryConstraint: { budget: { percent: 10, interval: '30s' }, minRetryRate: { count: 5, interval: '1s' } },
  },
  status: 'policy',
  check({ spec: value }, report) {
    if (value.retryConstraint === undefined && value.sessionPersistence === undefined)
      report(
        ['spec'],
        'no-effect',
        'the policy says nothing',
        'add `retryConstraint` or `sessionPersistence`',
        'warning',
      );
  },
  columns: [targetsColumn('What it is about.')],
});
