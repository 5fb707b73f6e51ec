/** Trailers of one exchange, changed where there are some. */
import type { FieldBlock } from '@weft/wire/http1';
import type { Exchange } from '../../http/exchange.ts';
import { clientTrailers, upstreamTrailers } from '../../http/response-path.ts';
import { applyMutations, type MutationStep } from '../../router/header-mutations.ts';
import type { StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { editTrailers } from '../trailer-edit.ts';

export interface TrailerSteps {
  readonly request: readonly MutationStep[];
  readonly response: readonly MutationStep[];
}

const NOTHING = new Uint8Array(0);

export class TrailerMutations implements StreamFilter {
  readonly #steps: TrailerSteps;
  readonly #exchange: Exchange;
  readonly #run: FilterRun;

  constructor(steps: TrailerSteps, exchange: Exchange, run: FilterRun) {
    this.#steps = steps;
    this.#exchange = exchange;
    this.#run = run;
  }

  requestEnd(): boolean {
    const { request } = this.#steps;
    const trailers = this.#run.requestTrailers ?? this.#exchange.reader.body.trailers;
    if (request.length > 0 && trailers !== undefined && trailers.count > 0 && clientTrailers(this.#exchange))
      this.#run.requestTrailers = this.#edited(trailers, request);
    return true;
  }

  answerEnd(trailers: FieldBlock | undefined): Uint8Array {
    const { response } = this.#steps;
    const { cluster } = this.#exchange;
    if (response.length === 0 || trailers === undefined || trailers.count === 0 || cluster === undefined)
      return NOTHING;
    if (upstreamTrailers(this.#exchange, cluster)) this.#run.changeTrailers(this.#edited(trailers, response));
    return NOTHING;
  }

  /** As they were, where the steps leave no trailers that may be sent. */
  #edited(trailers: FieldBlock, steps: readonly MutationStep[]): FieldBlock {
    const edited = editTrailers(trailers, (edit) => {
      for (const step of steps) applyMutations(step, edit, this.#exchange);
    });
    return edited ?? trailers;
  }
}
