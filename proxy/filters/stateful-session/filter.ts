/**
 * envoy.extensions.filters.http.stateful_session.v3.StatefulSession: a client's requests stay with the endpoint that answered its first one,
 * as its cookie or header says, while the cluster has that endpoint in a state it allows (common_lb_config.override_host_status).
 */
import { cookieValue } from '@weft/core/decide';
import type { SessionState, StatefulSessionFilter as Row } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { addressInCookie, addressInHeader, cookieOf, headerOf } from './session-cookie.ts';
import type { FilterMaker } from '../index.ts';

export class StatefulSessionFilter implements HttpFilter {
  readonly #row: Row;
  readonly #runtime: EngineRuntime;
  /** Undefined: nothing is counted. */
  readonly #stats: Record<'routed' | 'failedOpen' | 'failedClosed' | 'noSession', Counter> | undefined;

  constructor(row: Row, runtime: EngineRuntime, statPrefix: string) {
    this.#row = row;
    this.#runtime = runtime;
    if (row.statPrefix === '') return;
    const stat = (name: string): Counter =>
      runtime.counters.counter(`http.${statPrefix}.stateful_session.${row.statPrefix}.${name}`);
    this.#stats = {
      routed: stat('routed'),
      failedOpen: stat('failed_open'),
      failedClosed: stat('failed_closed'),
      noSession: stat('no_session'),
    };
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    const { state, strict, notFoundStatus } = this.#row;
    if (state === undefined) return CONTINUE;
    if (!concerns(state, exchange.head.path)) {
      this.#stats?.noSession.add(1);
      return CONTINUE;
    }
    const asked = this.#asked(exchange, state);
    if (asked !== undefined && asked !== '')
      exchange.overrideHost = { address: asked, strict, notFoundStatus, known: false };
    run.join(index, new Session(this, state, asked));
    return CONTINUE;
  }

  #asked({ head }: Exchange, state: SessionState): string | undefined {
    if (state.kind === 'header') return addressInHeader(head.header(state.name) ?? '');
    return addressInCookie(cookieValue(head.header('cookie'), state.name) ?? '', this.now);
  }

  /** Seconds. */
  get now(): number {
    return Math.floor(this.#runtime.wall.now() / 1000);
  }

  /** The exchange is answered by an endpoint, or by nobody (''). */
  judge(asked: string | undefined, endpoint: string): void {
    if (endpoint !== '' && endpoint === asked) this.#stats?.routed.add(1);
    else if (!this.#row.strict) this.#stats?.failedOpen.add(1);
    else if (asked !== undefined && endpoint === '') this.#stats?.failedClosed.add(1);
  }
}

class Session implements StreamFilter {
  readonly #filter: StatefulSessionFilter;
  readonly #state: SessionState;
  readonly #asked: string | undefined;

  constructor(filter: StatefulSessionFilter, state: SessionState, asked: string | undefined) {
    this.#filter = filter;
    this.#state = state;
    this.#asked = asked;
  }

  onAnswer(exchange: Exchange): void {
    const address = exchange.endpoint?.address ?? '';
    this.#filter.judge(this.#asked, address);
    if (address === '' || address.length > 127 || address === this.#asked) return;
    const state = this.#state;
    if (state.kind === 'header') exchange.response.set(state.name, headerOf(address));
    else {
      const expires = state.ttl === 0 ? 0 : this.#filter.now + Math.floor(state.ttl / 1000);
      exchange.response.add('set-cookie', setCookie(state, cookieOf(address, expires)));
    }
  }
}

function setCookie({ name, ttl, path, attributes }: Extract<SessionState, { kind: 'cookie' }>, value: string): string {
  const parts = [`${name}="${value}"`];
  if (ttl > 0) parts.push(`Max-Age=${Math.floor(ttl / 1000)}`);
  if (path !== '') parts.push(`Path=${path}`);
  for (const attribute of attributes)
    parts.push(attribute.value === '' ? attribute.name : `${attribute.name}=${attribute.value}`);
  return [...parts, 'HttpOnly'].join('; ');
}

/** A cookie is for its path, and what is below it. */
function concerns(state: SessionState, path: string): boolean {
  if (state.kind === 'header' || state.path === '' || state.path === '/') return true;
  if (!path.startsWith(state.path)) return false;
  return path.length === state.path.length || state.path.endsWith('/') || path[state.path.length] === '/';
}

export const make: FilterMaker<'stateful-session'> = (row, [own], { runtime, statPrefix }) =>
  new StatefulSessionFilter(own ?? row, runtime, statPrefix);
