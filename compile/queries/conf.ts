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

/** By port key. */
export const effectiveConf: Query<string, EffectiveConf> = {
  name: 'effective-conf',
  keyOf: (port) => port,
  compute: (context, port) => confOf(context, port),
};

/** `targets`: of the route and its rule; `edge`: of the listener and the Gateway where the request entered. */
export const confOf = (
  reader: ViewReader,
  port: string,
  targets: readonly string[] = [],
  edge: readonly string[] = [],
): EffectiveConf =>
  mergeConf([
    ...targets.flatMap((target) => reader.read('trafficPolicies', target) ?? []),
    ...policiesOf(reader, port, edge),
  ]);

/** Targets of policies that a port is meant by, the most specific first. */
export const targetsOfPort = (service: string, port: number, edge: readonly string[] = []): readonly string[] => [
  targetKey.port(service, port),
  targetKey.service(service),
  ...edge,
  targetKey.namespace(namespaceOf(service)),
  targetKey.mesh,
];

/** Every policy that reaches the port, the most specific first; of one target the oldest first. */
function policiesOf(context: ViewReader, key: string, edge: readonly string[]): TrafficPolicyRow[] {
  const { service, port } = parsePortKey(key);
  const whole = context.read('service', service)?.subsetOf;
  const own = [targetKey.port(service, port), targetKey.service(service)];
  const targets =
    whole === undefined ? targetsOfPort(service, port, edge) : [...own, ...targetsOfPort(whole, port, edge)];
  const policies = targets.flatMap((target) => context.read('trafficPolicies', target) ?? []);
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
