/** envoy.extensions.filters.http.header_mutation.v3.HeaderMutation: headers and query of requests, headers of answers, trailers of both, changed in the order written. */
import type { FilterOverrideConfig, HeaderMutationFilter as Row } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import { applyMutations, compileSteps, type MutationStep } from '../../router/header-mutations.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter } from '../filter.ts';
import { compileQuery, mutatedQuery, type QueryStep } from './query.ts';
import type { FilterRun } from '../filter-run.ts';
import { TrailerMutations, type TrailerSteps } from './trailers.ts';
import type { FilterMaker } from '../index.ts';

type Override = Extract<FilterOverrideConfig, { kind: 'header-mutation' }>;
type Report = (fault: string) => void;

export class HeaderMutationFilter implements HttpFilter {
  readonly #levels: readonly { readonly headers: readonly MutationStep[]; readonly query: readonly QueryStep[] }[];
  readonly #response: readonly MutationStep[];
  /** Undefined: trailers stay as they are. */
  readonly #trailers: TrailerSteps | undefined;
  readonly onAnswer?: (exchange: Exchange) => void;

  /** `overrides`: the most specific first, which is the order they are applied in unless the most specific is to win. */
  constructor(row: Row, overrides: readonly Override[], report: Report) {
    const ordered = row.mostSpecificWins ? overrides.toReversed() : overrides;
    const all = [row.mutations, ...ordered.map(({ mutations }) => mutations)];
    this.#levels = all.map(({ request, query }) => ({
      headers: compileSteps(request, report),
      query: compileQuery(query, report),
    }));
    this.#response = all.flatMap(({ response }) => compileSteps(response, report));
    const trailers: TrailerSteps = {
      request: all.flatMap(({ requestTrailers }) => compileSteps(requestTrailers, report)),
      response: all.flatMap(({ responseTrailers }) => compileSteps(responseTrailers, report)),
    };
    this.#trailers = trailers.request.length + trailers.response.length === 0 ? undefined : trailers;
    if (this.#response.length > 0)
      this.onAnswer = (exchange) => {
        for (const step of this.#response) applyMutations(step, exchange.response, exchange);
      };
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    for (const { headers, query } of this.#levels) {
      for (const step of headers) applyMutations(step, exchange.head.edit, exchange);
      if (query.length > 0) changeQuery(exchange, query);
    }
    if (this.#trailers !== undefined) run.join(index, new TrailerMutations(this.#trailers, exchange, run));
    return CONTINUE;
  }
}

function changeQuery(exchange: Exchange, steps: readonly QueryStep[]): void {
  if (exchange.reader.form === 'authority' || exchange.reader.form === 'asterisk') return;
  exchange.setQuery(mutatedQuery(exchange.head.query, steps, exchange));
}

export const make: FilterMaker<'header-mutation'> = (row, overrides, { report }) =>
  new HeaderMutationFilter(row, overrides, report);
