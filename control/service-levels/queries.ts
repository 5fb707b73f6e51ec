/** What a ServiceLevel measures, as queries over Istio's series: the same for the built-in store and for a Prometheus. Pure. */
import { parseDuration } from '@weft/core/kernel';
import type { BurnAlert, Objective, ServiceLevel } from '@weft/core/resources';
import { boundOf, failedShareQuery, PER_OCTAVE } from '@weft/core/traffic';

const quoted = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

/** Label matchers of the requests that count: as callers see them. */
export function matchersOf({ metadata: { namespace }, spec: { targetRef } }: ServiceLevel): string {
  const common = `reporter="source",destination_service_namespace=${quoted(namespace)}`;
  return targetRef.kind === 'Namespace' ? common : `${common},destination_service_name=${quoted(targetRef.name)}`;
}

/** Milliseconds to Prometheus' form. */
export const promDuration = (text: string): string => `${Math.round((parseDuration(text) ?? 0) / 1000)}s`;

/** The share of requests that were not good over `over` (a GEP-2257 duration), 0 to 1; no answer without requests. */
export function badShare(level: ServiceLevel, objective: Objective, over: string): string {
  const labels = matchersOf(level);
  const range = promDuration(over);
  if (objective.fasterThan !== undefined) {
    const fast = `sum(increase(istio_request_duration_milliseconds_bucket{${labels},le="${boundFor(objective.fasterThan)}"}[${range}]))`;
    return `1 - (${fast} or vector(0)) / (sum(increase(istio_request_duration_milliseconds_count{${labels}}[${range}])) > 0)`;
  }
  return failedShareQuery(labels, range);
}

/**
 * The bound of the histogram that stands for a threshold, as text of `le`: the first that is not below it among those that proxies and the
 * store both have (four a doubling). It is at most 19 % above, and the documentation of the kind says so.
 */
export function boundFor(threshold: string): string {
  const ms = parseDuration(threshold) ?? 1;
  const every = PER_OCTAVE / 4;
  const index = Math.ceil((Math.log2(ms) * PER_OCTAVE) / every - 1e-9) * every;
  return Number(boundOf(index).toPrecision(6)).toString();
}

/** The share that may be bad, 0 to 1. */
export const budgetOf = ({ percent }: Objective): number => 1 - Number(percent) / 100;

export const objectiveText = ({ percent, fasterThan }: Objective): string =>
  fasterThan === undefined ? `${percent}% succeed` : `${percent}% within ${fasterThan}`;

export const alertText = ({ long, short, burnRate, severity }: BurnAlert): string =>
  `${severity}: ${burnRate} times too fast over ${long} and ${short}`;
