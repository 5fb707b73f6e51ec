/**
 * envoy.extensions.filters.http.ext_authz.v3.ExtAuthz: a service decides about each request. Whatever is no verdict refuses the request,
 * unless the configuration says otherwise.
 */
import { compileMetadata, type MetadataView } from '@weft/core/decide';
import type { ExtAuthzFilter as Row, ExtAuthzOverride } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter, PAUSED } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { takes } from '../fraction.ts';
import type { FilterMaker, FilterParts } from '../index.ts';
import { authzClient } from './client.ts';
import { AuthzExchange } from './exchange.ts';
import { HeaderChoice } from '../header-choice.ts';
import type { AuthzSetting, AuthzStat } from './setting.ts';

const STATS = [
  'ok',
  'denied',
  'error',
  'disabled',
  'failure_mode_allowed',
  'invalid',
  'ignored_dynamic_metadata',
] as const satisfies readonly AuthzStat[];

export class ExtAuthzFilter implements HttpFilter {
  readonly #setting: AuthzSetting;
  readonly #disabled: boolean;
  readonly #runtime: EngineRuntime;
  readonly #isMeant: (metadata: MetadataView | undefined) => boolean;

  /** `overrides`: of all levels, the most specific first. */
  constructor(row: Row, overrides: readonly ExtAuthzOverride[], parts: FilterParts) {
    const { runtime, statPrefix, report } = parts;
    const [own] = overrides;
    const prefix = `http.${statPrefix}.ext_authz.${row.statPrefix === '' ? '' : `${row.statPrefix}.`}`;
    const service = own?.service ?? row.service;
    this.#runtime = runtime;
    this.#isMeant = row.enabledMetadata === undefined ? () => true : compileMetadata(row.enabledMetadata, report);
    this.#disabled = own?.disabled === true;
    this.#setting = {
      row,
      body: own?.ignoresBody === true ? undefined : (own?.body ?? row.body),
      client: authzClient(service, parts),
      headers: new HeaderChoice(row, service.kind, report),
      context: [...new Map(overrides.toReversed().flatMap(({ contextExtensions }) => contextExtensions))],
      stats: Object.fromEntries(STATS.map((stat) => [stat, runtime.counters.counter(prefix + stat)])) as Record<
        AuthzStat,
        Counter
      >,
    };
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    // As in Envoy, a request without a route gets its 404 and nobody is asked.
    if (this.#disabled || exchange.plan === undefined) return CONTINUE;
    const { row, stats, body } = this.#setting;
    if (!takes(row.enabled, this.#runtime) || !this.#isMeant(exchange.head.metadata)) {
      stats.disabled.add(1);
      if (!row.denyAtDisable) return CONTINUE;
      exchange.decide(row.statusOnError, '', ResponseFlag.unauthorizedExternalService, 'ext_authz_error');
      return ANSWERED;
    }
    const buffers = body !== undefined && exchange.reader.body.kind !== 0 && !exchange.wantsTunnel;
    const part = new AuthzExchange(this.#setting, exchange, run, buffers ? body : undefined);
    run.join(index, part);
    if (!buffers) part.ask();
    return PAUSED;
  }
}

export const make: FilterMaker<'ext-authz'> = (row, overrides, parts) => new ExtAuthzFilter(row, overrides, parts);
