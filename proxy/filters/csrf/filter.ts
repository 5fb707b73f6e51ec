/** envoy.extensions.filters.http.csrf.v3.CsrfPolicy: requests that change something must come from the host they go to, or one that is named. */
import { compileString, type StringPredicate } from '@weft/core/decide';
import type { CsrfFilter as CsrfRow } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter } from '../filter.ts';
import { takes } from '../fraction.ts';
import type { FilterMaker } from '../index.ts';

const CHANGING = new Set(['POST', 'PUT', 'DELETE', 'PATCH']);
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i;

export class CsrfFilter implements HttpFilter {
  readonly #row: CsrfRow;
  readonly #runtime: EngineRuntime;
  readonly #additional: readonly StringPredicate[];
  readonly #missing: Counter;
  readonly #invalid: Counter;
  readonly #valid: Counter;

  constructor(row: CsrfRow, runtime: EngineRuntime, statPrefix: string, report: (fault: string) => void) {
    this.#row = row;
    this.#runtime = runtime;
    this.#additional = row.additionalOrigins.map((origin) => compileString(origin, report));
    const counter = (stat: string): Counter => runtime.counters.counter(`http.${statPrefix}.csrf.${stat}`);
    this.#missing = counter('missing_source_origin');
    this.#invalid = counter('request_invalid');
    this.#valid = counter('request_valid');
  }

  onRequest(exchange: Exchange): FilterVerdict {
    const { head } = exchange;
    const enabled = takes(this.#row.enabled, this.#runtime);
    if (!enabled && !takes(this.#row.shadow, this.#runtime)) return CONTINUE;
    if (!CHANGING.has(head.method)) return CONTINUE;
    const source = hostAndPort(head.header('origin')) || hostAndPort(head.header('referer'));
    if (source === '') this.#missing.add(1);
    else if (source === (head.edit.get('host') ?? head.host) || this.#additional.some((test) => test(source))) {
      this.#valid.add(1);
      return CONTINUE;
    } else this.#invalid.add(1);
    if (!enabled) return CONTINUE;
    exchange.decide(403, 'Invalid origin', ResponseFlag.none, 'csrf_origin_mismatch');
    return ANSWERED;
  }
}

/** Of an absolute URL; any other text says nothing, as `null` of a page without an origin. */
const hostAndPort = (text: string | undefined): string => ABSOLUTE.exec(text ?? '')?.[1] ?? '';

export const make: FilterMaker<'csrf'> = (row, [own], { runtime, statPrefix, report }) =>
  new CsrfFilter(own ?? row, runtime, statPrefix, report);
