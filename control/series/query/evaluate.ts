/** Evaluation of a query over evenly spaced steps, node by node, all steps of a node at once. */
import { aggregate } from './aggregate.ts';
import { binary } from './binary.ts';
import { at, column, type Column, mapColumn, put, type Scalar, type Value, type Vector } from './columns.ts';
import { call } from './functions.ts';
import { withoutName } from './labels.ts';
import { parseQuery, typeOf } from './parse.ts';
import { RANGE_FUNCTIONS } from './ranges.ts';
import type { SeriesSource } from './source.ts';
import { type Expression, type FunctionCall, QueryError, type Selector } from './syntax.ts';

/** How far back an instant vector looks for a sample, milliseconds. */
export const LOOKBACK = 300_000;

/** Steps of one query at most, as Prometheus'. */
export const STEP_LIMIT = 11_000;

/** Samples that one query may touch, each as often as it is read: some seconds of work. */
export const WORK_LIMIT = 30_000_000;

export interface Steps {
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  /** Milliseconds, above 0. */
  readonly step: number;
}

export type Outcome = { readonly times: readonly number[]; readonly value: Value };

/** @throws QueryError for a fault of the query or when it asks for too much */
export function evaluateQuery(source: SeriesSource, query: string, { start, end, step }: Steps): Outcome {
  const expression = parseQuery(query);
  if (typeOf(expression) === 'range') throw new QueryError('a range such as name[5m] needs a function around it', 0);
  const count = Math.floor((end - start) / step) + 1;
  if (count > STEP_LIMIT) throw new QueryError(`asks for ${count} steps, at most ${STEP_LIMIT}: take a longer step`, 0);
  const times = Float64Array.from({ length: count }, (_, index) => start + index * step);
  return { times: [...times], value: new Evaluation(source, times).value(expression) };
}

export class Evaluation {
  readonly times: Float64Array;
  readonly #source: SeriesSource;
  #work = 0;

  constructor(source: SeriesSource, times: Float64Array) {
    this.#source = source;
    this.times = times;
  }

  get steps(): number {
    return this.times.length;
  }

  value(expression: Expression): Value {
    switch (expression.kind) {
      case 'number':
        return { type: 'scalar', values: new Float64Array(this.steps).fill(expression.value) };
      case 'string':
        return { type: 'string', text: expression.value };
      case 'negated':
        return this.#negated(expression.of);
      case 'selector':
        return this.#instant(expression);
      case 'aggregate':
        return aggregate(
          expression,
          this.vector(expression.of),
          expression.parameter && this.scalar(expression.parameter),
        );
      case 'binary':
        return binary(expression, this.value(expression.left), this.value(expression.right), this.steps);
      case 'call':
        return this.#call(expression);
      default:
        return expression satisfies never;
    }
  }

  vector(expression: Expression): Vector {
    const value = this.value(expression);
    if (value.type !== 'vector') throw new QueryError('must be an instant vector', expression.at);
    return value;
  }

  scalar(expression: Expression): Scalar {
    const value = this.value(expression);
    if (value.type !== 'scalar') throw new QueryError('must be a number', expression.at);
    return value;
  }

  #negated(of: Expression): Value {
    const value = this.value(of);
    if (value.type === 'scalar') return { type: 'scalar', values: value.values.map((number) => -number) };
    if (value.type === 'string') throw new QueryError('a string has no minus', of.at);
    return {
      type: 'vector',
      columns: value.columns.map((source) => mapColumn(source, withoutName(source.labels), (number) => -number)),
    };
  }

  #call(expression: FunctionCall): Value {
    const range = expression.parameters.at(-1);
    const overRange = RANGE_FUNCTIONS[expression.name];
    if (overRange === undefined || range?.kind !== 'selector') return call(this, expression);
    const parameter = expression.parameters.length > 1 ? expression.parameters[0] : undefined;
    const parameters = parameter === undefined ? undefined : this.scalar(parameter).values;
    const keepsName = expression.name === 'last_over_time';
    return this.#windows(
      range,
      range.range ?? LOOKBACK,
      (window, step) => overRange(window, parameters === undefined ? 0 : at(parameters, step)),
      keepsName,
    );
  }

  #instant(selector: Selector): Vector {
    return this.#windows(
      selector,
      LOOKBACK,
      ({ values, first, last }) => (last > first ? values[last - 1] : undefined),
      true,
    );
  }

  /** When the newest sample that an instant selector takes was made, seconds. */
  timestamps(selector: Selector): Vector {
    return this.#windows(
      selector,
      LOOKBACK,
      ({ times, first, last }) => (last > first ? (times[last - 1] ?? 0) / 1000 : undefined),
      false,
    );
  }

  #windows(
    { matchers, offset, at: place }: Selector,
    range: number,
    map: (window: Parameters<(typeof RANGE_FUNCTIONS)[string]>[0], step: number) => number | undefined,
    keepsName: boolean,
  ): Vector {
    const { times } = this;
    const start = at(times, 0) - offset - range;
    const end = at(times, times.length - 1) - offset;
    const columns: Column[] = [];
    for (const series of this.#source.select(matchers, start, end)) {
      const made = column(keepsName ? series.labels : withoutName(series.labels), times.length);
      let any = false;
      let first = 0;
      let last = 0;
      for (let step = 0; step < times.length; step += 1) {
        const to = at(times, step) - offset;
        const from = to - range;
        while (last < series.times.length && (series.times[last] ?? 0) <= to) last += 1;
        while (first < last && (series.times[first] ?? 0) <= from) first += 1;
        this.#work += 1 + (last - first);
        const value = map({ times: series.times, values: series.values, first, last, from, to }, step);
        if (value === undefined) continue;
        put(made, step, value);
        any = true;
      }
      if (this.#work > WORK_LIMIT)
        throw new QueryError('reads too many samples: select fewer series, a shorter time or a longer step', place);
      if (any) columns.push(made);
    }
    return { type: 'vector', columns };
  }
}
