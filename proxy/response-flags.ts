/**
 * Envoy's response flags (envoy.data.accesslog.v3.ResponseFlags) as bits of one number, with the short and long text that access logs
 * and metrics show. Order of the table is the order in which several flags are printed.
 */
export const ResponseFlag = {
  none: 0,
  failedLocalHealthcheck: 1 << 0,
  noHealthyUpstream: 1 << 1,
  upstreamRequestTimeout: 1 << 2,
  localReset: 1 << 3,
  upstreamRemoteReset: 1 << 4,
  upstreamConnectionFailure: 1 << 5,
  upstreamConnectionTermination: 1 << 6,
  upstreamOverflow: 1 << 7,
  noRouteFound: 1 << 8,
  rateLimited: 1 << 9,
  unauthorizedExternalService: 1 << 10,
  downstreamConnectionTermination: 1 << 11,
  upstreamRetryLimitExceeded: 1 << 12,
  streamIdleTimeout: 1 << 13,
  downstreamProtocolError: 1 << 14,
  upstreamMaxStreamDurationReached: 1 << 15,
  durationTimeout: 1 << 16,
  upstreamProtocolError: 1 << 17,
  noClusterFound: 1 << 18,
  overloadManager: 1 << 19,
  delayInjected: 1 << 20,
  faultInjected: 1 << 21,
  invalidEnvoyRequestHeaders: 1 << 22,
  rateLimitServiceError: 1 << 23,
  dnsResolutionFailed: 1 << 24,
} as const;

/** A combination of `ResponseFlag` bits. */
export type ResponseFlags = number;

const NAMES: readonly (readonly [flag: number, short: string, long: string])[] = [
  [ResponseFlag.failedLocalHealthcheck, 'LH', 'FailedLocalHealthCheck'],
  [ResponseFlag.noHealthyUpstream, 'UH', 'NoHealthyUpstream'],
  [ResponseFlag.upstreamRequestTimeout, 'UT', 'UpstreamRequestTimeout'],
  [ResponseFlag.localReset, 'LR', 'LocalReset'],
  [ResponseFlag.upstreamRemoteReset, 'UR', 'UpstreamRemoteReset'],
  [ResponseFlag.upstreamConnectionFailure, 'UF', 'UpstreamConnectionFailure'],
  [ResponseFlag.upstreamConnectionTermination, 'UC', 'UpstreamConnectionTermination'],
  [ResponseFlag.upstreamOverflow, 'UO', 'UpstreamOverflow'],
  [ResponseFlag.noRouteFound, 'NR', 'NoRouteFound'],
  [ResponseFlag.delayInjected, 'DI', 'DelayInjected'],
  [ResponseFlag.faultInjected, 'FI', 'FaultInjected'],
  [ResponseFlag.rateLimited, 'RL', 'RateLimited'],
  [ResponseFlag.unauthorizedExternalService, 'UAEX', 'UnauthorizedExternalService'],
  [ResponseFlag.downstreamConnectionTermination, 'DC', 'DownstreamConnectionTermination'],
  [ResponseFlag.upstreamRetryLimitExceeded, 'URX', 'UpstreamRetryLimitExceeded'],
  [ResponseFlag.rateLimitServiceError, 'RLSE', 'RateLimitServiceError'],
  [ResponseFlag.invalidEnvoyRequestHeaders, 'IH', 'InvalidEnvoyRequestHeaders'],
  [ResponseFlag.streamIdleTimeout, 'SI', 'StreamIdleTimeout'],
  [ResponseFlag.downstreamProtocolError, 'DPE', 'DownstreamProtocolError'],
  [ResponseFlag.upstreamMaxStreamDurationReached, 'UMSDR', 'UpstreamMaxStreamDurationReached'],
  [ResponseFlag.durationTimeout, 'DT', 'DurationTimeout'],
  [ResponseFlag.upstreamProtocolError, 'UPE', 'UpstreamProtocolError'],
  [ResponseFlag.noClusterFound, 'NC', 'NoClusterFound'],
  [ResponseFlag.overloadManager, 'OM', 'OverloadManagerTerminated'],
  [ResponseFlag.dnsResolutionFailed, 'DF', 'DnsResolutionFailed'],
];

/** The bit of one of Envoy's short names; 0: nothing here sets it. */
export const responseFlagOf = (short: string): ResponseFlags => NAMES.find(([, name]) => name === short)?.[0] ?? 0;

const texts = new Map<ResponseFlags, string>();

/** `-` for none, else the short names joined by commas, e.g. `UF,URX`. */
export function formatResponseFlags(flags: ResponseFlags): string {
  if (flags === 0) return '-';
  let text = texts.get(flags);
  if (text === undefined) {
    text = NAMES.filter(([flag]) => (flags & flag) !== 0)
      .map(([, short]) => short)
      .join(',');
    if (texts.size < 1024) texts.set(flags, text);
  }
  return text;
}

/** As `formatResponseFlags`, with Envoy's long names (`%RESPONSE_FLAGS_LONG%`). */
export const formatResponseFlagsLong = (flags: ResponseFlags): string =>
  flags === 0
    ? '-'
    : NAMES.filter(([flag]) => (flags & flag) !== 0)
        .map(([, , long]) => long)
        .join(',');
