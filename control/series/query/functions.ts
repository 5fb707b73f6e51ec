/** Functions of vectors and numbers. Those over ranges are in `ranges.ts`. */
import { linearRegex } from '@weft/core/decide';
import { sorted } from './aggregate.ts';
import {
  at,
  anyPresent,
  column,
  type Column,
  isPresent,
  mapColumn,
  put,
  type Scalar,
  type Value,
  type Vector,
} from './columns.ts';
import { histogramQuantile } from './histogram.ts';
import { Labels, withoutName } from './labels.ts';
import { type Expression, type FunctionCall, QueryError, type Selector } from './syntax.ts';

type Parameters = readonly number[];

const sign = (value: number): number => (value < 0 ? -1 : value > 0 ? 1 : value);

/** To the nearest multiple; halves go up. By the inverse, as Prometheus does, which keeps 0.1 exact. */
function rounded(value: number, to: number): number {
  const inverse = 1 / to;
  return Math.floor(value * inverse + 0.5) / inverse;
}

/** Of one value and the function's numbers. */
const PER_VALUE: Readonly<Record<string, (value: number, parameters: Parameters) => number | undefined>> = {
  abs: (value) => Math.abs(value),
  ceil: (value) => Math.ceil(value),
  floor: (value) => Math.floor(value),
  sqrt: (value) => Math.sqrt(value),
  exp: (value) => Math.exp(value),
  ln: (value) => Math.log(value),
  log2: (value) => Math.log2(value),
  log10: (value) => Math.log10(value),
  sgn: sign,
  round: (value, [to = 1]) => rounded(value, to),
  clamp: (value, [low = 0, high = 0]) => (low > high ? undefined : Math.max(low, Math.min(high, value))),
  clamp_min: (value, [low = 0]) => Math.max(low, value),
  clamp_max: (value, [high = 0]) => Math.min(high, value),
};

/** What functions ask of the evaluation that they are a part of: arguments, all steps at once. */
export interface Evaluating {
  /** Unix ms of the steps. */
  readonly times: Float64Array;
  readonly steps: number;
  vector(expression: Expression): Vector;
  scalar(expression: Expression): Scalar;
  timestamps(expression: Selector): Vector;
}

export function call(evaluation: Evaluating, expression: FunctionCall): Value {
  const { name, parameters } = expression;
  const perValue = PER_VALUE[name];
  if (perValue !== undefined) {
    const [first, ...others] = parameters;
    const numbers = others.map((other) => evaluation.scalar(other).values);
    const { columns } = evaluation.vector(required(first));
    const made = columns.map((source) =>
      mapColumn(source, withoutName(source.labels), (value, step) =>
        perValue(
          value,
          numbers.map((values) => at(values, step)),
        ),
      ),
    );
    return { type: 'vector', columns: made.filter(anyPresent) };
  }
  const special = SPECIAL[name];
  if (special === undefined) throw new Error(`function ${name} has a signature but no code`);
  return special(evaluation, expression);
}

const required = (expression: Expression | undefined): Expression => {
  if (expression === undefined) throw new Error('a parameter that the parser let pass is missing');
  return expression;
};

const text = (expression: Expression | undefined): string => (expression?.kind === 'string' ? expression.value : '');

const SPECIAL: Readonly<Record<string, (evaluation: Evaluating, expression: FunctionCall) => Value>> = {
  time: ({ times }) => ({ type: 'scalar', values: times.map((ms) => ms / 1000) }),
  vector: (evaluation, { parameters: [number] }) => {
    const made = column(Labels.EMPTY, evaluation.steps);
    evaluation.scalar(required(number)).values.forEach((value, step) => put(made, step, value));
    return { type: 'vector', columns: [made] };
  },
  scalar: (evaluation, { parameters: [vector] }) => {
    const { columns } = evaluation.vector(required(vector));
    const values = new Float64Array(evaluation.steps).map((_, step) => {
      const present = columns.filter((source) => isPresent(source, step));
      const [only] = present;
      return present.length === 1 && only !== undefined ? at(only.values, step) : Number.NaN;
    });
    return { type: 'scalar', values };
  },
  sort: (evaluation, { parameters: [vector] }) => sorted(evaluation.vector(required(vector)), false),
  sort_desc: (evaluation, { parameters: [vector] }) => sorted(evaluation.vector(required(vector)), true),
  timestamp: (evaluation, { parameters: [vector] }) => {
    const of = required(vector);
    if (of.kind === 'selector') return evaluation.timestamps(of);
    const { columns } = evaluation.vector(of);
    return {
      type: 'vector',
      columns: columns.map((source) =>
        mapColumn(source, withoutName(source.labels), (_, step) => at(evaluation.times, step) / 1000),
      ),
    };
  },
  absent: (evaluation, { parameters: [vector] }) => {
    const of = required(vector);
    const { columns } = evaluation.vector(of);
    const made = column(absentLabels(of), evaluation.steps);
    for (let step = 0; step < evaluation.steps; step += 1)
      if (!columns.some((source) => isPresent(source, step))) put(made, step, 1);
    return { type: 'vector', columns: anyPresent(made) ? [made] : [] };
  },
  histogram_quantile: (evaluation, { parameters: [q, vector] }) =>
    histogramQuantile(evaluation.scalar(required(q)), evaluation.vector(required(vector)), evaluation.steps),
  label_replace: (evaluation, { parameters: [vector, target, replacement, source, pattern], at: place }) => {
    const expressionText = text(pattern);
    const regex = linearRegex(expressionText);
    const whole = linearRegex(`^(?s:${expressionText})$`);
    if (regex === undefined || whole === undefined)
      throw new QueryError(`${JSON.stringify(expressionText)} is no regular expression (RE2)`, place);
    checkName(text(target), place);
    const substitution = text(replacement)
      .replaceAll('\\', '\\\\')
      .replaceAll(
        /\$(?:(\d)(?!\d)|\{(\d)\}|(\$)|.?)/g,
        (written: string, group?: string, braced?: string, dollar?: string) => {
          if (dollar !== undefined) return '$';
          const number = group ?? braced;
          if (number === undefined)
            throw new QueryError(`${written} is no group here: $1 to $9 and \${1} to \${9} are`, place);
          return `\\${number}`;
        },
      );
    return relabelled(
      evaluation.vector(required(vector)),
      (labels) => {
        const value = labels.get(text(source));
        return regex.matches(value) ? labels.with(text(target), whole.replace(value, substitution)) : labels;
      },
      place,
    );
  },
  label_join: (evaluation, { parameters: [vector, target, separator, ...sources], at: place }) => {
    checkName(text(target), place);
    return relabelled(
      evaluation.vector(required(vector)),
      (labels) => labels.with(text(target), sources.map((source) => labels.get(text(source))).join(text(separator))),
      place,
    );
  },
};

function checkName(name: string, place: number): void {
  if (!/^[a-zA-Z_]\w*$/.test(name)) throw new QueryError(`${JSON.stringify(name)} is no name of a label`, place);
}

function relabelled({ columns }: Vector, map: (labels: Labels) => Labels, place: number): Vector {
  const made = columns.map((source): Column => ({ ...source, labels: map(source.labels) }));
  if (new Set(made.map(({ labels }) => labels.key)).size < made.length)
    throw new QueryError('several series would have the same labels', place);
  return { type: 'vector', columns: made };
}

/** The labels that the selector demands by `=`, once each. */
function absentLabels(expression: Expression): Labels {
  if (expression.kind !== 'selector') return Labels.EMPTY;
  const named = expression.matchers.filter(({ name }) => name !== '__name__');
  const once = named.filter(({ name }) => named.filter((other) => other.name === name).length === 1);
  return Labels.of(once.filter(({ operator }) => operator === '=').map(({ name, value }) => [name, value] as const));
}
