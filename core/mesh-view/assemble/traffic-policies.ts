/** TrafficPolicies, and XBackendTrafficPolicies, by what they target. */
import { parseDuration } from '../../kernel/index.ts';
import { objectName, SECTIONS, type TrafficPolicy, type XBackendTrafficPolicy } from '../../resources/index.ts';
import { callersKey } from '../callers.ts';
import type { TrafficConf } from '../conf.ts';
import type { SessionRow, TrafficPolicyRow } from '../rows.ts';
import type { PolicyKind } from './attached.ts';
import { keyOf } from './objects.ts';
import type { Fault } from './status.ts';

/** `further`: what of `tls` and `failover`, which are attached elsewhere, has no effect, by the key of the TrafficPolicy. */
export const trafficPolicyKind = (
  further: (key: string) => readonly Fault[],
): PolicyKind<TrafficPolicy | XBackendTrafficPolicy, TrafficPolicyRow> => ({
  name: 'traffic-policy',

  faults: (policy) => (isBackendPolicy(policy) ? [] : further(keyOf(policy))),

  rowOf: (policy) =>
    isBackendPolicy(policy)
      ? backendRow(policy)
      : {
          key: keyOf(policy),
          ...callersOf(policy),
          conf: confOf(policy),
          ...arrivalsOf(policy),
          source: `${objectName('TrafficPolicy', policy.metadata.namespace, policy.metadata.name)}#spec`,
        },

  hasAncestors: isBackendPolicy,

  /** What an older policy states for the same target. */
  conflicts: (all, row, path) =>
    conflictsOf(
      all.filter(({ from, consumer }) => from === row.from && consumer === row.consumer),
      row,
      path,
    ),
});

/** `older`: of those that are about the same callers. */
const conflictsOf = (older: readonly TrafficPolicyRow[], row: TrafficPolicyRow, path: string): readonly Fault[] => [
  ...SECTIONS.flatMap((section) =>
    row.conf[section] === undefined
      ? []
      : conflict(
          older.find(({ conf }) => conf[section] !== undefined),
          section,
          `spec.${section}`,
          path,
        ),
  ),
  ...(row.proxyHeaders === undefined
    ? []
    : conflict(
        older.find(({ proxyHeaders }) => proxyHeaders !== undefined),
        'arrivals',
        'spec.arrivals',
        path,
      )),
  ...(row.conf.retries?.budget === undefined
    ? []
    : conflict(
        older.find(({ retryBudget }) => retryBudget !== undefined),
        'retryConstraint',
        'spec.retries.budget',
        path,
      )),
  ...(row.retryBudget === undefined
    ? []
    : [
        ...conflict(
          older.find(({ retryBudget }) => retryBudget !== undefined),
          'retryConstraint',
          'spec.retryConstraint',
          path,
        ),
        ...conflict(
          older.find(({ conf }) => conf.retries?.budget !== undefined),
          'retries.budget',
          'spec.retryConstraint',
          path,
        ),
      ].slice(0, 1)),
  ...(row.session === undefined
    ? []
    : conflict(
        older.find(({ session }) => session !== undefined),
        'sessionPersistence',
        'spec.sessionPersistence',
        path,
      )),
];

const conflict = (
  winner: TrafficPolicyRow | undefined,
  section: string,
  path: string,
  target: string,
): readonly Fault[] =>
  winner === undefined
    ? []
    : [
        {
          reason: 'Conflicted',
          path,
          message: `an older policy says the same section for ${target}: ${winner.source}.${section}`,
          remedy: 'merge the two policies',
        },
      ];

/** Whose calls a TrafficPolicy is about; of another namespace's service those of its own namespace. */
export function callersOf({
  metadata: { namespace },
  spec,
}: TrafficPolicy): Pick<TrafficPolicyRow, 'from' | 'consumer'> {
  const foreign = spec.targetRefs.some((ref) => ref.namespace !== undefined && ref.namespace !== namespace);
  if (spec.from === undefined && !foreign) return {};
  return { from: callersKey(spec.from ?? [{}], namespace), ...(foreign ? { consumer: true } : {}) };
}

function isBackendPolicy(policy: TrafficPolicy | XBackendTrafficPolicy): policy is XBackendTrafficPolicy {
  return policy.kind === 'XBackendTrafficPolicy';
}

const confOf = ({ spec }: TrafficPolicy): TrafficConf =>
  Object.fromEntries(SECTIONS.map((section) => [section, spec[section]]));

/** `arrivals` without `proxyProtocol` says that none are taken. */
function arrivalsOf({
  metadata: { namespace, name },
  spec: { arrivals },
}: TrafficPolicy): Pick<TrafficPolicyRow, 'proxyHeaders' | 'forwardedFor' | 'bounds'> {
  if (arrivals === undefined) return {};
  const source = `${objectName('TrafficPolicy', namespace, name)}#spec.arrivals`;
  const { proxyProtocol, xForwardedFor: told, limits = {}, timeouts = {} } = arrivals;
  return {
    proxyHeaders: { from: proxyProtocol?.from ?? [], source },
    ...(told === undefined ? {} : { forwardedFor: { from: told.from, hops: told.trustedHops, source } }),
    bounds: {
      connections: limits.connections,
      streams: limits.streamsPerConnection,
      requestHeaders: timeouts.requestHeaders === undefined ? undefined : (parseDuration(timeouts.requestHeaders) ?? 0),
      source,
    },
  };
}

function backendRow(policy: XBackendTrafficPolicy): TrafficPolicyRow {
  const { namespace, name } = policy.metadata;
  const { retryConstraint, sessionPersistence } = policy.spec;
  const source = `${objectName('XBackendTrafficPolicy', namespace, name)}#spec`;
  const { budget, minRetryRate } = retryConstraint ?? {};
  return {
    key: keyOf(policy),
    conf: {},
    ...(budget === undefined || minRetryRate === undefined
      ? {}
      : {
          retryBudget: {
            percent: budget.percent,
            minConcurrent: minRetryRate.count,
            interval: parseDuration(budget.interval) ?? 0,
            source: `${source}.retryConstraint`,
          },
        }),
    ...(sessionPersistence === undefined
      ? {}
      : {
          session: sessionRow(sessionPersistence, `weft-session-${namespace}-${name}`, `${source}.sessionPersistence`),
        }),
    source,
  };
}

type Session = NonNullable<XBackendTrafficPolicy['spec']['sessionPersistence']>;

/** `own`: the name when none is given. */
export const sessionRow = (
  { type, sessionName, absoluteTimeout }: Session,
  own: string,
  source: string,
): SessionRow => ({
  kind: type === 'Cookie' ? 'cookie' : 'header',
  name: type === 'Cookie' ? (sessionName ?? own) : (sessionName ?? own).toLowerCase(),
  ttl: absoluteTimeout === undefined ? 0 : (parseDuration(absoluteTimeout) ?? 0),
  source,
});
