/**
 * envoy.extensions.filters.http.dynamic_forward_proxy.v3: a request to a cluster of that kind waits here until its host is resolved. The address
 * that passed this filter is the one that the router connects to; its cluster resolves nothing.
 */
import type { Exchange } from '../../http/exchange.ts';
import { routeCluster } from '../route-cluster.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter, PAUSED, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { FilterMaker } from '../index.ts';
import { type Found, isFailure, NamedHostCache } from './cache.ts';
import { namedHost } from './named-host.ts';

export class DynamicForwardProxyFilter implements HttpFilter {
  readonly #cache: NamedHostCache;
  #waiting = 0;

  constructor(cache: NamedHostCache) {
    this.#cache = cache;
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    const cluster = exchange.context.setting.clusters.get(routeCluster(exchange));
    if (cluster?.config.discovery.kind !== 'dynamic-forward-proxy') return CONTINUE;
    if (exchange.head.host === '') {
      exchange.decide(400, 'Empty host header', ResponseFlag.none, 'empty_host_header');
      return ANSWERED;
    }
    const cache = this.#cache;
    if (this.#waiting >= cache.row.maxPendingRequests) {
      cache.refusedPending();
      exchange.decide(
        503,
        'Dynamic forward proxy pending request overflow',
        ResponseFlag.none,
        'dynamic_forward_proxy_pending_request_overflow',
      );
      return ANSWERED;
    }
    const host = namedHost(exchange.head.host, cluster.config.transport.kind === 'tls' ? 443 : 80);
    if (host === undefined) {
      unresolved(exchange, 'invalid_host');
      return ANSWERED;
    }
    const waiting = new Waiting(exchange, run, () => (this.#waiting -= 1));
    const found = cache.find(host, waiting);
    if (found === 'overflow') {
      exchange.decide(503, 'DNS cache overflow', ResponseFlag.none, 'dns_cache_overflow');
      return ANSWERED;
    }
    if (found !== 'loading') return settle(exchange, found) ? CONTINUE : ANSWERED;
    this.#waiting += 1;
    run.join(index, waiting);
    return PAUSED;
  }

  stop(): void {
    this.#cache.stop();
  }
}

/** False: the exchange has its answer. */
function settle(exchange: Exchange, found: Found): boolean {
  if (isFailure(found)) {
    unresolved(exchange, found.failure);
    return false;
  }
  exchange.resolvedHost = found;
  return true;
}

const unresolved = (exchange: Exchange, why: string): void =>
  exchange.decide(503, 'DNS resolution failure', ResponseFlag.dnsResolutionFailed, `dns_resolution_failure{${why}}`);

class Waiting implements StreamFilter {
  readonly #exchange: Exchange;
  readonly #run: FilterRun;
  readonly #left: () => void;
  #open = true;

  constructor(exchange: Exchange, run: FilterRun, left: () => void) {
    this.#exchange = exchange;
    this.#run = run;
    this.#left = left;
  }

  /** The host has its answer. */
  told(found: Found): void {
    if (!this.#open) return;
    this.#close();
    if (settle(this.#exchange, found)) this.#run.resume();
    else this.#run.answer();
  }

  ended(): void {
    if (this.#open) this.#close();
  }

  #close(): void {
    this.#open = false;
    this.#left();
  }
}

export const make: FilterMaker<'dynamic-forward-proxy'> = ({ cache }, _overrides, { runtime }) =>
  new DynamicForwardProxyFilter(new NamedHostCache(cache, runtime));
