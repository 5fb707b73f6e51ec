/**
 * envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor: a service sees heads and bodies of a request and its answer, and changes them or
 * answers itself. One stream of messages an exchange. Where the service fails, the exchange ends, unless the configuration says otherwise.
 */
import type { ExtProcFilter as Row, ExtProcOverride } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter, PAUSED } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { FilterMaker, FilterParts } from '../index.ts';
import { ProcessedExchange } from './exchange.ts';
import { ProcessorSetting } from './setting.ts';

export class ExtProcFilter implements HttpFilter {
  readonly #setting: ProcessorSetting;
  readonly #disabled: boolean;

  constructor(row: Row, own: ExtProcOverride | undefined, parts: FilterParts) {
    this.#disabled = own?.disabled === true;
    this.#setting = new ProcessorSetting(row, own, parts);
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    if (this.#disabled) return CONTINUE;
    const part = new ProcessedExchange(this.#setting, exchange, run);
    run.join(index, part);
    return part.begin() ? PAUSED : CONTINUE;
  }
}

export const make: FilterMaker<'ext-proc'> = (row, [own], parts) => new ExtProcFilter(row, own, parts);
