/**
 * Statistics of several engines of one process as those of one: counters, gauges and histograms add up, but for what each engine knows of the whole
 * process. Pure.
 */
import type { FamilySnapshot, SeriesSnapshot } from '@weft/core/metrics';

type Rule = (a: number, b: number) => number;

const sum: Rule = (a, b) => a + b;

/** By Prometheus name. Every engine has these whole: the same configuration, the same process, limits that all of them share. */
const WHOLE: readonly (readonly [name: RegExp, rule: Rule])[] = [
  [/^envoy_server_live$/, Math.min],
  [/^envoy_server_(?:uptime|memory_physical_size|hot_restart_epoch)$/, Math.max],
  [/^envoy_(?:listener|cluster)_manager_/, Math.max],
  [/^weft_config_/, Math.max],
  [/^envoy_tls_context_update/, Math.max],
  [/^envoy_cluster_membership_/, Math.max],
  [/^envoy_cluster_circuit_breakers_/, Math.max],
  [/^envoy_cluster_(?:ring_hash|maglev)_lb_/, Math.max],
  [/^envoy_cluster_upstream_rq_pending_active$/, Math.max],
  [/^envoy_cluster_outlier_detection_ejections_active$/, Math.max],
  [/^envoy_overload_.*_(?:pressure|active|scale_percent)$/, Math.max],
];

const ruleFor = (name: string): Rule => WHOLE.find(([pattern]) => pattern.test(name))?.[1] ?? sum;

export function mergeFamilies(all: readonly (readonly FamilySnapshot[])[]): readonly FamilySnapshot[] {
  const [only] = all;
  if (all.length === 1 && only !== undefined) return only;
  const merged = new Map<string, { family: FamilySnapshot; series: Map<string, SeriesSnapshot> }>();
  for (const families of all) {
    for (const family of families) {
      let into = merged.get(family.name);
      if (into === undefined) {
        into = { family, series: new Map() };
        merged.set(family.name, into);
      }
      const rule = ruleFor(family.name);
      for (const series of family.series) {
        const key = JSON.stringify(series.labels);
        const known = into.series.get(key);
        into.series.set(key, known === undefined ? series : add(known, series, rule));
      }
    }
  }
  return [...merged.values()].map(({ family, series }) => ({ ...family, series: [...series.values()] }));
}

const add = (a: SeriesSnapshot, b: SeriesSnapshot, rule: Rule): SeriesSnapshot => ({
  ...a,
  values: a.values.map((value, index) => rule(value, b.values[index] ?? 0)),
  ...(b.exemplars === undefined ? {} : { exemplars: [...(a.exemplars ?? []), ...b.exemplars] }),
});
