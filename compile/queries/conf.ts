/** What the policies say about one service port, merged: the most specific target that states a section wins it. */
import {
  namespaceOf,
  ONLY,
  parsePortKey,
  targetKey,
  type Section,
  type TrafficConf,
  type TrafficPolicyRow,
  type ViewReader,
} from '@weft/core/mesh-view';
import { SECTIONS } from '@weft/core/resources';
import { milliseconds } from '../durations.ts';
import type { EffectiveConf } from '../behaviours/index.ts';
import type { Query } from '../incremental/query.ts';

/** A service port for some callers. */
export interface ConfOf {
  /** Port key. */
  readonly port: string;
  /** What holds for the caller of what TrafficPolicies about the port ask (`consumersAt`). */
  readonly callers: readonly string[];
}

export const effectiveConf: Query<ConfOf, EffectiveConf> = {
  name: 'effective-conf',
  keyOf: ({ port, callers }) => [port, ...callers].join(' '),
  compute: (context, { port, callers }) => confOf(context, port, { callers }),
};

/** `targets`: of the route and its rule; `edge`: of the listener and the Gateway where the request entered; `callers`: what holds for the caller. */
export const confOf = (
  reader: ViewReader,
  port: string,
  {
    targets = [],
    edge = [],
    callers = [],
  }: {
    readonly targets?: readonly string[] | undefined;
    readonly edge?: readonly string[];
    readonly callers?: readonly string[];
  } = {},
): EffectiveConf =>
  mergeConf([
    ...targets.flatMap((target) => aboutCallers(reader.read('trafficPolicies', target) ?? [], callers)),
    ...policiesOf(reader, port, edge, callers),
  ]);

/** Of one target's those that hold for the callers: of their own namespace, of named callers, of whoever calls. */
function aboutCallers(rows: readonly TrafficPolicyRow[], callers: readonly string[]): readonly TrafficPolicyRow[] {
  if (rows.every(({ from }) => from === undefined)) return rows;
  const held = rows.filter(({ from }) => from === undefined || callers.includes(from));
  const rank = ({ from, consumer }: TrafficPolicyRow): number => (consumer === true ? 0 : from === undefined ? 2 : 1);
  return held.toSorted((a, b) => rank(a) - rank(b));
}

/** Keys of what TrafficPolicies about targets ask about callers. */
export const consumersOf = (reader: ViewReader, targets: readonly string[]): readonly string[] =>
  reader.read('consumers', ONLY) === undefined
    ? []
    : targets.flatMap((target) => (reader.read('trafficPolicies', target) ?? []).flatMap(({ from }) => from ?? []));

/** Of what holds for a caller that which the conf of a port depends on. */
export function consumersAt(reader: ViewReader, port: string, callers: readonly string[]): readonly string[] {
  if (callers.length === 0) return callers;
  const asked = consumersOf(reader, targetsAbout(reader, port));
  return asked.length === 0 ? NOTHING : callers.filter((key) => asked.includes(key));
}

const NOTHING: readonly string[] = [];

/** Targets of policies that a port is meant by, the most specific first. */
export const targetsOfPort = (service: string, port: number, edge: readonly string[] = []): readonly string[] => [
  targetKey.port(service, port),
  targetKey.service(service),
  ...edge,
  targetKey.namespace(namespaceOf(service)),
  targetKey.mesh,
];

/** As `targetsOfPort`; a Subset has what its Service has. */
export function targetsAbout(context: ViewReader, key: string, edge: readonly string[] = []): readonly string[] {
  const { service, port } = parsePortKey(key);
  const whole = context.read('service', service)?.subsetOf;
  const own = [targetKey.port(service, port), targetKey.service(service)];
  return whole === undefined ? targetsOfPort(service, port, edge) : [...own, ...targetsOfPort(whole, port, edge)];
}

/** Every policy that reaches the port, the most specific first; of one target the oldest first. */
function policiesOf(
  context: ViewReader,
  key: string,
  edge: readonly string[],
  callers: readonly string[],
): TrafficPolicyRow[] {
  const policies = targetsAbout(context, key, edge).flatMap((target) =>
    aboutCallers(context.read('trafficPolicies', target) ?? [], callers),
  );
  const mesh = context.read('mesh', ONLY);
  return mesh === undefined
    ? policies
    : [...policies, { key: mesh.name, conf: mesh.defaults, source: `${mesh.source}#spec.defaults` }];
}

/** The first policy that states a section wins it. */
export function mergeConf(policies: readonly TrafficPolicyRow[]): EffectiveConf {
  const conf: { -readonly [S in Section]?: TrafficConf[S] } = {};
  const origins: { [S in Section]?: string } = {};
  const take = <S extends Section>(section: S): void => {
    const policy = policies.find((candidate) => candidate.conf[section] !== undefined);
    if (policy === undefined) return;
    conf[section] = policy.conf[section];
    origins[section] = `${policy.source}.${section}`;
  };
  for (const section of SECTIONS) take(section);
  return { ...conf, origins, ...budgetOf(policies, conf, origins), ...sessionOf(policies) };
}

/** A constraint of its own counts where no more specific, and no older, policy states a budget beside its retries. */
function budgetOf(
  policies: readonly TrafficPolicyRow[],
  { retries }: TrafficConf,
  origins: EffectiveConf['origins'],
): Pick<EffectiveConf, 'retryBudget'> {
  const own = policies.findIndex(({ retryBudget }) => retryBudget !== undefined);
  const beside = policies.findIndex(({ conf }) => conf.retries !== undefined);
  const row = policies[own]?.retryBudget;
  if (retries?.budget !== undefined && (row === undefined || beside < own)) {
    const { percent, minConcurrent, interval } = retries.budget;
    const source = `${origins.retries ?? ''}.budget`;
    return { retryBudget: { percent, minConcurrent, interval: milliseconds(interval), source } };
  }
  return row === undefined ? {} : { retryBudget: row };
}

function sessionOf(policies: readonly TrafficPolicyRow[]): Pick<EffectiveConf, 'session'> {
  const session = policies.find((policy) => policy.session !== undefined)?.session;
  return session === undefined ? {} : { session };
}
