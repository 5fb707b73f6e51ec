/**
 * envoy.extensions.filters.http.fault.v3.HTTPFault: delays, answers in the upstream's place and slow answers, for shares of requests. With
 * `header` in place of a fixed value the request says what happens to it, within the configured share.
 */
import { compileHeader, type RequestPredicate } from '@weft/core/decide';
import { type FaultFilter as FaultRow, type Fraction, liveFraction, liveNumber } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { EngineRuntime } from '../../ports.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter, PAUSED } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { routeCluster } from '../route-cluster.ts';
import { FaultExchange } from './fault-exchange.ts';
import { FaultStats } from './stats.ts';
import type { FilterMaker } from '../index.ts';

const DELAY = 'x-envoy-fault-delay-request';
const ABORT = 'x-envoy-fault-abort-request';
const ABORT_GRPC = 'x-envoy-fault-abort-grpc-request';
/** Keys of the runtime that are asked where the configuration names no others. */
const KEYS = {
  delayPercent: 'fault.http.delay.fixed_delay_percent',
  delayDuration: 'fault.http.delay.fixed_duration_ms',
  abortPercent: 'fault.http.abort.abort_percent',
  abortHttpStatus: 'fault.http.abort.http_status',
  abortGrpcStatus: 'fault.http.abort.grpc_status',
  maxActiveFaults: 'fault.http.max_active_faults',
  limitPercent: 'fault.http.rate_limit.response_percent',
} as const;
const THROUGHPUT = 'x-envoy-fault-throughput-response';

export class FaultFilter implements HttpFilter {
  readonly stats: FaultStats;
  readonly runtime: EngineRuntime;
  readonly #row: FaultRow;
  readonly #headers: readonly RequestPredicate[];
  readonly #nodes: ReadonlySet<string>;

  constructor(row: FaultRow, runtime: EngineRuntime, statPrefix: string, report: (fault: string) => void) {
    this.#row = row;
    this.runtime = runtime;
    this.stats = new FaultStats(runtime, statPrefix);
    this.#headers = row.headers.map((matcher) => compileHeader(matcher, report));
    this.#nodes = new Set(row.downstreamNodes);
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    const most = this.#live(this.#row.maxActiveFaults, this.#row.runtimeKeys?.maxActiveFaults ?? KEYS.maxActiveFaults);
    const limit = most ?? Number.POSITIVE_INFINITY;
    if (limit !== Number.POSITIVE_INFINITY && this.stats.active >= limit) {
      this.stats.overflow.add(1);
      return CONTINUE;
    }
    if (!this.#concerns(exchange)) return CONTINUE;
    const kbps = this.#throughput(exchange);
    const delay = this.#delay(exchange);
    if (kbps === 0 && delay === 0) return this.abort(exchange) ? ANSWERED : CONTINUE;
    if (!this.stats.begin(limit)) {
      this.stats.overflow.add(1);
      return CONTINUE;
    }
    const part = new FaultExchange(this, exchange, run, kbps);
    run.join(index, part);
    if (kbps > 0) this.stats.slowed.add(1);
    if (delay === 0) return this.abort(exchange) ? ANSWERED : CONTINUE;
    this.stats.delayed(exchange, this.#row.downstreamClusterStats);
    exchange.flags |= ResponseFlag.delayInjected;
    run.startTimer(delay);
    return PAUSED;
  }

  /** True: the request has its answer. */
  abort(exchange: Exchange): boolean {
    const { abort } = this.#row;
    if (
      abort === undefined ||
      !this.#takes(exchange, abort.fraction, headerOf(abort.status.kind, ABORT), KEYS.abortPercent)
    )
      return false;
    let status = 200;
    let grpcStatus: number | undefined;
    const keys = this.#row.runtimeKeys;
    if (abort.status.kind === 'http')
      status = this.#live(abort.status.code, keys?.abortHttpStatus ?? KEYS.abortHttpStatus);
    else if (abort.status.kind === 'grpc')
      grpcStatus = this.#live(abort.status.code, keys?.abortGrpcStatus ?? KEYS.abortGrpcStatus);
    else {
      const asked = wholeHeader(exchange, ABORT);
      if (asked !== undefined && asked >= 200 && asked < 600) status = asked;
      else {
        grpcStatus = wholeHeader(exchange, ABORT_GRPC);
        if (grpcStatus === undefined) return false;
      }
    }
    exchange.decide(status, abort.body, ResponseFlag.faultInjected, 'fault_filter_abort', undefined, grpcStatus);
    this.stats.aborted(exchange, this.#row.downstreamClusterStats);
    return true;
  }

  #concerns(exchange: Exchange): boolean {
    const { upstreamCluster } = this.#row;
    const { head } = exchange;
    if (upstreamCluster !== '' && routeCluster(exchange) !== upstreamCluster) return false;
    if (this.#nodes.size > 0 && !this.#nodes.has(head.header('x-envoy-downstream-service-node') ?? '')) return false;
    return this.#headers.every((matches) => matches(head, 'joined'));
  }

  /** ms; 0: none. */
  #delay(exchange: Exchange): number {
    const { delay } = this.#row;
    if (delay === undefined) return 0;
    const header = delay.fixed === undefined ? DELAY : '';
    if (!this.#takes(exchange, delay.fraction, header, KEYS.delayPercent)) return 0;
    if (delay.fixed === undefined) return wholeHeader(exchange, DELAY) ?? 0;
    return this.#live(delay.fixed, this.#row.runtimeKeys?.delayDuration ?? KEYS.delayDuration);
  }

  /** KiB/s; 0: no limit. */
  #throughput(exchange: Exchange): number {
    const { responseRateLimit: limit } = this.#row;
    if (limit === undefined) return 0;
    const kbps = limit.fixed ?? wholeHeader(exchange, THROUGHPUT) ?? 0;
    const header = limit.fixed === undefined ? THROUGHPUT : '';
    return kbps > 0 && this.#takes(exchange, limit.fraction, header, KEYS.limitPercent) ? kbps : 0;
  }

  /** `header`: what the share may be lowered by, as `<header>-percentage`; '': by nothing. */
  #takes(exchange: Exchange, fraction: Fraction, header: string, key: string): boolean {
    const asked = header === '' ? undefined : wholeHeader(exchange, `${header}-percentage`);
    const { numerator, denominator } = liveFraction(fraction, this.runtime.values.current, fraction.runtimeKey ?? key);
    return this.runtime.random() * denominator < (asked === undefined ? numerator : Math.min(asked, numerator));
  }

  #live<Standard>(standard: Standard, key: string): number | Standard {
    return liveNumber(standard, this.runtime.values.current, key);
  }
}

const headerOf = (kind: string, name: string): string => (kind === 'header' ? name : '');

function wholeHeader({ head }: Exchange, name: string): number | undefined {
  const text = head.header(name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

export const make: FilterMaker<'fault'> = (row, [own], { runtime, statPrefix, report }) =>
  new FaultFilter(own ?? row, runtime, statPrefix, report);
