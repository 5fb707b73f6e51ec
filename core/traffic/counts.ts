/** What was counted of one edge in some interval: always amounts, never running totals, so that they add up over time and over proxies. */
import { type DurationHistogram, mergeDurations, NO_DURATIONS } from './durations.ts';

export interface ResponseCount {
  /** HTTP status; 0: none was sent. */
  readonly code: number;
  /** gRPC status; -1: not gRPC. */
  readonly grpc: number;
  /** Envoy's short names of response flags, `UF,URX`; '' for none. */
  readonly flags: string;
  readonly count: number;
}

export interface TrafficCounts {
  /** HTTP and gRPC requests that ended. */
  readonly requests: number;
  /** Their answers; the counts add up to `requests`. */
  readonly responses: readonly ResponseCount[];
  /** Attempts beyond the first. */
  readonly retries: number;
  /** Octets of bodies; of TCP all that came from and went to the caller. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Of requests, from their first octet to the end of the answer. */
  readonly durations: DurationHistogram;
  /** TCP connections that reached their endpoint, and those that ended. */
  readonly opened: number;
  readonly closed: number;
  /** Whole ms that TCP connections were open, added up: by the time of the interval, how many were. */
  readonly openTime: number;
}

export const NO_COUNTS: TrafficCounts = {
  requests: 0,
  responses: [],
  retries: 0,
  requestBytes: 0,
  responseBytes: 0,
  durations: NO_DURATIONS,
  opened: 0,
  closed: 0,
  openTime: 0,
};

export function addCounts(a: TrafficCounts, b: TrafficCounts): TrafficCounts {
  return {
    requests: a.requests + b.requests,
    responses: addResponses(a.responses, b.responses),
    retries: a.retries + b.retries,
    requestBytes: a.requestBytes + b.requestBytes,
    responseBytes: a.responseBytes + b.responseBytes,
    durations: mergeDurations(a.durations, b.durations),
    opened: a.opened + b.opened,
    closed: a.closed + b.closed,
    openTime: a.openTime + b.openTime,
  };
}

function addResponses(a: readonly ResponseCount[], b: readonly ResponseCount[]): readonly ResponseCount[] {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const sum = new Map<string, ResponseCount>();
  for (const each of [...a, ...b]) {
    const key = `${each.code} ${each.grpc} ${each.flags}`;
    const known = sum.get(key);
    sum.set(key, known === undefined ? each : { ...known, count: known.count + each.count });
  }
  return [...sum.values()];
}

/** gRPC statuses that are the server's fault (OpenTelemetry's RPC conventions): UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
export const GRPC_FAULTS: ReadonlySet<number> = new Set([2, 4, 12, 13, 14, 15]);

/**
 * Whether an answer counts against success: 5xx, a gRPC status that is the server's fault, or none at all, unless the caller itself went
 * away. Refusals (403, 429) are answers.
 */
export function isFailure({ code, grpc, flags }: Omit<ResponseCount, 'count'>): boolean {
  if (grpc >= 0) return GRPC_FAULTS.has(grpc);
  return code >= 500 || (code === 0 && flags !== 'DC');
}

export const failures = ({ responses }: TrafficCounts): number =>
  responses.reduce((sum, each) => sum + (isFailure(each) ? each.count : 0), 0);

/** 0 to 1; NaN without requests. */
export const successRate = (counts: TrafficCounts): number =>
  counts.requests === 0 ? Number.NaN : 1 - failures(counts) / counts.requests;
