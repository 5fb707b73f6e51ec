/** Which of the policies about called workloads holds at each of their ports: the most specific, then the oldest. */
import { workloadPortKey } from '../keys.ts';
import type { ArrivalBoundsRow, ProxyHeadersRow, TrafficPolicyRow, WorkloadRow } from '../rows.ts';
import type { AttachedPolicy } from './attached.ts';
import { reach, type ReachInput } from './reach.ts';
import type { Target } from './targets.ts';

/** The most specific first. */
const RANKS: readonly ((target: Target) => boolean)[] = [
  (target) => target.kind === 'service' && target.port !== undefined,
  (target) => target.kind === 'service' && target.port === undefined,
  (target) => target.kind === 'namespace',
  (target) => target.kind === 'mesh',
];

/** By `workloadPortKey`. `policies`: the oldest first. */
export function arrivals<Row>(policies: readonly AttachedPolicy<Row>[], input: ReachInput): ReadonlyMap<string, Row> {
  const rows = new Map<string, Row>();
  const put = (row: Row, workload: WorkloadRow, ports: readonly number[]): void => {
    for (const port of ports) {
      const key = workloadPortKey(workload.key, port);
      if (!rows.has(key)) rows.set(key, row);
    }
  };
  for (const ofRank of RANKS)
    for (const { row, targets } of policies)
      for (const [workload, ports] of reach(targets.filter(ofRank).flatMap(portsOf), input))
        put(row, workload, ports ?? workload.ports.map(({ port }) => port));
  return rows;
}

/** Of those about targets that `about` holds for: the most specific, then the oldest. */
export function mostSpecific<Row>(
  policies: readonly AttachedPolicy<Row>[],
  about: (target: Target) => boolean,
): Row | undefined {
  for (const ofRank of RANKS)
    for (const { row, targets } of policies) if (targets.some((target) => ofRank(target) && about(target))) return row;
  return undefined;
}

/** A service is its ports: what its workloads serve beside them is not meant. */
const portsOf = (target: Target): readonly Target[] =>
  target.kind === 'service' && target.port === undefined
    ? target.service.ports.map((port) => ({ ...target, port }))
    : [target];

/** From whom PROXY headers are taken, by `workloadPortKey`. A policy that says from nobody overrules those that are less specific. */
export function headerArrivals(
  policies: readonly AttachedPolicy<TrafficPolicyRow>[],
  input: ReachInput,
): ReadonlyMap<string, ProxyHeadersRow> {
  const saying = policies.flatMap(({ row: { proxyHeaders: row }, targets }) =>
    row === undefined ? [] : [{ row, targets }],
  );
  return new Map([...arrivals(saying, input)].filter(([, { from }]) => from.length > 0));
}

/** What each port bears, by `workloadPortKey`. */
export const boundsOfArrivals = (
  policies: readonly AttachedPolicy<TrafficPolicyRow>[],
  input: ReachInput,
): ReadonlyMap<string, ArrivalBoundsRow> =>
  new Map([...arrivals(withBounds(policies), input)].filter(([, row]) => saysBounds(row)));

/** Policies with `arrivals`: one without bounds overrules those that are less specific. */
export const withBounds = (
  policies: readonly AttachedPolicy<TrafficPolicyRow>[],
): readonly AttachedPolicy<ArrivalBoundsRow>[] =>
  policies.flatMap(({ row: { bounds: row }, targets }) => (row === undefined ? [] : [{ row, targets }]));

export const saysBounds = ({ connections, streams, requestHeaders }: ArrivalBoundsRow): boolean =>
  (connections ?? streams ?? requestHeaders) !== undefined;
