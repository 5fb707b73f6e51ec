/**
 * envoy.extensions.filters.http.health_check.v3.HealthCheck: requests that ask whether this engine is well. It answers by its own state, by
 * that of clusters, or lets the application answer and keeps what it said for a while. One engine of several keeps answers of its own.
 */
import { compileHeader, type RequestPredicate } from '@weft/core/decide';
import type { HealthCheckFilter as Row } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import { type AnswerHeaders, NO_HEADERS } from '../../http/own-answer.ts';
import type { EngineRuntime } from '../../ports.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter, PAUSED, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { FilterMaker } from '../index.ts';

const DEGRADED: AnswerHeaders = [['x-envoy-degraded', '']];
const NOTHING = new Uint8Array(0);

interface Verdict {
  readonly status: number;
  readonly details: string;
  readonly headers: AnswerHeaders;
}

const WELL: Verdict = { status: 200, details: 'health_check_ok', headers: NO_HEADERS };
const unwell = (why: string): Verdict => ({ ...WELL, status: 503, details: `health_check_failed${why}` });

export class HealthCheckFilter implements HttpFilter {
  readonly #row: Row;
  readonly #runtime: EngineRuntime;
  readonly #asks: readonly RequestPredicate[];
  readonly #start: number;
  /** The last answer and the period of `cacheTime` in which it was given, counted from the start; as Envoy's, it ends with its period. */
  #kept: (Verdict & { readonly period: number }) | undefined;

  constructor(row: Row, runtime: EngineRuntime, report: (fault: string) => void) {
    this.#row = row;
    this.#runtime = runtime;
    this.#asks = row.headers.map((header) => compileHeader(header, report));
    this.#start = runtime.clock.now();
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    if (!this.#asks.every((asks) => asks(exchange.head, 'joined'))) return CONTINUE;
    exchange.healthCheck = true;
    const answers = !this.#row.passThrough || this.#runtime.health.failing || this.#cached !== undefined;
    if (!answers) return CONTINUE;
    if (exchange.reader.body.kind === 0) {
      this.#answer(exchange);
      return ANSWERED;
    }
    run.join(
      index,
      new CheckWithBody(() => {
        this.#answer(exchange);
        run.answer();
      }),
    );
    return PAUSED;
  }

  onAnswer(exchange: Exchange): void {
    const { response, status } = exchange;
    if (exchange.healthCheck === true) {
      if (this.#row.cacheTime > 0) {
        const headers = response.has('x-envoy-degraded') ? DEGRADED : NO_HEADERS;
        this.#kept = { status, details: 'health_check_cached', headers, period: this.#period };
      }
      response.set('x-envoy-upstream-healthchecked-cluster', this.#runtime.health.serviceCluster);
    } else if (this.#runtime.health.failing) response.set('x-envoy-immediate-health-check-fail', 'true');
  }

  get #period(): number {
    return Math.floor((this.#runtime.clock.now() - this.#start) / this.#row.cacheTime);
  }

  get #cached(): Verdict | undefined {
    return this.#kept?.period === this.#period ? this.#kept : undefined;
  }

  #answer(exchange: Exchange): void {
    const { failing } = this.#runtime.health;
    const { status, details, headers } = failing ? unwell('') : (this.#cached ?? this.#judge(exchange));
    const fine = status >= 200 && status < 300;
    const flag = fine && !failing ? ResponseFlag.none : ResponseFlag.failedLocalHealthcheck;
    exchange.decide(status, '', flag, details, headers);
  }

  #judge({ context }: Exchange): Verdict {
    for (const { cluster, percent } of this.#row.clusters) {
      const members = context.setting.clusters.get(cluster)?.membership();
      if (members === undefined) return unwell('_no_cluster_found');
      if (members.total === 0 && percent > 0) return unwell('_cluster_empty');
      if (100 * members.available < members.total * Math.floor(percent)) return unwell('_cluster_unhealthy');
    }
    return this.#row.clusters.length === 0 ? WELL : { ...WELL, details: 'health_check_ok_cluster_healthy' };
  }
}

/** A check with a body is answered when that is here, which nobody reads. */
class CheckWithBody implements StreamFilter {
  readonly #complete: () => void;

  constructor(complete: () => void) {
    this.#complete = complete;
  }

  requestData(): Uint8Array {
    return NOTHING;
  }

  requestEnd(): boolean {
    this.#complete();
    return true;
  }
}

export const make: FilterMaker<'health-check'> = (row, _overrides, { runtime, report }) =>
  new HealthCheckFilter(row, runtime, report);
