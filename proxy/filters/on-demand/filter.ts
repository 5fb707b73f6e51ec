/**
 * envoy.extensions.filters.http.on_demand.v3.OnDemand: a request whose scope has no route table yet, or whose cluster is not there, waits for
 * it while it is fetched. What does not come in time is answered as without the filter: 404 without routes, 503 without the cluster.
 */
import type { OnDemandFilter as Row } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import { routeAgain, takeRoutes } from '../../http/request-path.ts';
import type { RowsOnDemand, WantedRow } from '../../ports.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter, PAUSED, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { FilterMaker } from '../index.ts';
import { routeCluster } from '../route-cluster.ts';

/** ms that a request waits for routes: Envoy's default initial_fetch_timeout. */
const ROUTES_TIMEOUT = 15_000;

export class OnDemandFilter implements HttpFilter {
  readonly #row: Row;

  constructor(row: Row) {
    this.#row = row;
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    const { onDemand } = exchange.context.runtime;
    const wanted = missing(exchange, this.#row);
    if (wanted === undefined || onDemand === undefined) return CONTINUE;
    const waiting = new Waiting(exchange, run, onDemand, this.#row);
    run.join(index, waiting);
    waiting.want(wanted);
    return PAUSED;
  }
}

function missing(exchange: Exchange, { clusterTimeout }: Row): WantedRow | undefined {
  const { routes, scope, plan, context } = exchange;
  if (routes === undefined)
    return scope === undefined || scope.onDemand === '' ? undefined : { table: 'routes', name: scope.onDemand };
  if (clusterTimeout === undefined || plan === undefined) return undefined;
  const name = routeCluster(exchange);
  return name === '' || context.setting.clusters.get(name) !== undefined ? undefined : { table: 'clusters', name };
}

class Waiting implements StreamFilter {
  readonly #exchange: Exchange;
  readonly #run: FilterRun;
  readonly #onDemand: RowsOnDemand;
  readonly #row: Row;
  #cancel: (() => void) | undefined;

  constructor(exchange: Exchange, run: FilterRun, onDemand: RowsOnDemand, row: Row) {
    this.#exchange = exchange;
    this.#run = run;
    this.#onDemand = onDemand;
    this.#row = row;
  }

  want(row: WantedRow): void {
    this.#run.startTimer(row.table === 'routes' ? ROUTES_TIMEOUT : (this.#row.clusterTimeout ?? 0));
    this.#cancel = this.#onDemand.want(row, () => this.#arrived(row));
  }

  timeOver(): void {
    this.ended();
    this.#run.resume();
  }

  ended(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arrived({ table }: WantedRow): void {
    if (this.#cancel === undefined) return;
    this.#cancel = undefined;
    if (table === 'routes') {
      takeRoutes(this.#exchange);
      routeAgain(this.#exchange);
      const next = missing(this.#exchange, this.#row);
      if (next !== undefined && next.table === 'clusters') {
        this.want(next);
        return;
      }
    }
    this.#run.resume();
  }
}

export const make: FilterMaker<'on-demand'> = (row, [own]) => new OnDemandFilter(own ?? row);
