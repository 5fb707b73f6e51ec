/** Operators between numbers and vectors, with Prometheus' rules of matching. */
import { at, anyPresent, column, type Column, isPresent, mapColumn, put, type Value, type Vector } from './columns.ts';
import { Labels, METRIC_NAME, withoutName } from './labels.ts';
import { type Binary, type BinaryOperator, QueryError } from './syntax.ts';

type Operation = (a: number, b: number) => number;

const ARITHMETIC: Readonly<Partial<Record<BinaryOperator, Operation>>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};

const COMPARISON: Readonly<Partial<Record<BinaryOperator, (a: number, b: number) => boolean>>> = {
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
};

/** What the operator makes of two values; `kept` is the value that a comparison lets through. */
function combine({ operator, bool }: Binary, a: number, b: number, kept: number): number | undefined {
  const compare = COMPARISON[operator];
  if (compare === undefined) return ARITHMETIC[operator]?.(a, b);
  const holds = compare(a, b);
  if (bool) return holds ? 1 : 0;
  return holds ? kept : undefined;
}

export function binary(expression: Binary, left: Value, right: Value, steps: number): Value {
  if (left.type === 'string' || right.type === 'string')
    throw new QueryError(`${expression.operator} works on numbers and instant vectors`, expression.at);
  if (left.type === 'scalar' && right.type === 'scalar') {
    const values = left.values.map((a, step) => combine(expression, a, at(right.values, step), a) ?? Number.NaN);
    return { type: 'scalar', values };
  }
  if (left.type === 'scalar' && right.type === 'vector')
    return perSample(expression, right, (value, step) => combine(expression, at(left.values, step), value, value));
  if (left.type === 'vector' && right.type === 'scalar')
    return perSample(expression, left, (value, step) => combine(expression, value, at(right.values, step), value));
  if (left.type !== 'vector' || right.type !== 'vector') throw new Error('an operator without its sides');
  if (expression.operator === 'and' || expression.operator === 'unless')
    return membership(expression, left, right, steps);
  if (expression.operator === 'or') return union(expression, left, right, steps);
  return matched(expression, left, right, steps);
}

/** Comparisons without `bool` keep the metric's name, all else makes another quantity of it. */
const keepsName = ({ operator, bool }: Binary): boolean => COMPARISON[operator] !== undefined && !bool;

function perSample(
  expression: Binary,
  { columns }: Vector,
  map: (value: number, step: number) => number | undefined,
): Vector {
  const made = columns.map((source) =>
    mapColumn(source, keepsName(expression) ? source.labels : withoutName(source.labels), map),
  );
  return { type: 'vector', columns: made.filter(anyPresent) };
}

/** What must be equal on both sides. */
const signature = ({ matching }: Binary, labels: Labels): string =>
  (matching.on ? labels.only(matching.labels) : withoutName(labels.without(matching.labels))).key;

/** By signature, at which steps there is a value. */
function presence(expression: Binary, { columns }: Vector, steps: number): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  for (const { labels, present } of columns) {
    const key = signature(expression, labels);
    const all = found.get(key) ?? new Uint8Array(steps);
    found.set(key, all);
    for (let step = 0; step < steps; step += 1) if (present[step] === 1) all[step] = 1;
  }
  return found;
}

function filtered(
  expression: Binary,
  columns: readonly Column[],
  others: ReadonlyMap<string, Uint8Array>,
  wanted: boolean,
): Column[] {
  return columns
    .map((source) => {
      const other = others.get(signature(expression, source.labels));
      return mapColumn(source, source.labels, (value, step) => ((other?.[step] === 1) === wanted ? value : undefined));
    })
    .filter(anyPresent);
}

function membership(expression: Binary, left: Vector, right: Vector, steps: number): Vector {
  const others = presence(expression, right, steps);
  return { type: 'vector', columns: filtered(expression, left.columns, others, expression.operator === 'and') };
}

function union(expression: Binary, left: Vector, right: Vector, steps: number): Vector {
  const added = filtered(expression, right.columns, presence(expression, left, steps), false);
  const merged = new Map<string, Column>();
  for (const source of [...left.columns, ...added]) {
    const known = merged.get(source.labels.key);
    if (known === undefined) merged.set(source.labels.key, source);
    else merged.set(source.labels.key, overlaid(known, source, steps));
  }
  return { type: 'vector', columns: [...merged.values()] };
}

function overlaid(first: Column, second: Column, steps: number): Column {
  const made = mapColumn(first, first.labels, (value) => value);
  for (let step = 0; step < steps; step += 1)
    if (!isPresent(made, step) && isPresent(second, step)) put(made, step, at(second.values, step));
  return made;
}

function matched(expression: Binary, left: Vector, right: Vector, steps: number): Vector {
  const { matching, at: place } = expression;
  const manyLeft = matching.many !== 'right';
  const [many, one] = manyLeft ? [left, right] : [right, left];
  const ones = new Map<string, Column[]>();
  for (const source of one.columns) {
    const key = signature(expression, source.labels);
    const members = ones.get(key);
    if (members === undefined) ones.set(key, [source]);
    else members.push(source);
  }
  const made = new Map<string, Column>();
  for (const source of many.columns) {
    const partners = ones.get(signature(expression, source.labels)) ?? [];
    for (const partner of partners) {
      const labels = resultLabels(expression, source.labels, partner.labels);
      const target = made.get(labels.key) ?? column(labels, steps);
      for (let step = 0; step < steps; step += 1) {
        if (!isPresent(source, step) || !isPresent(partner, step)) continue;
        if (partners.some((other) => other !== partner && isPresent(other, step)))
          throw new QueryError(
            `several series of the ${manyLeft ? 'right' : 'left'} side match one of the other: add labels to on, or aggregate first`,
            place,
          );
        const [a, b] = manyLeft
          ? [at(source.values, step), at(partner.values, step)]
          : [at(partner.values, step), at(source.values, step)];
        const value = combine(expression, a, b, a);
        if (value === undefined) continue;
        if (isPresent(target, step))
          throw new QueryError(
            matching.many === undefined
              ? 'several series of the left side match one of the right: say group_left or group_right, or aggregate first'
              : 'several results have the same labels: give more labels',
            place,
          );
        put(target, step, value);
      }
      if (anyPresent(target)) made.set(labels.key, target);
    }
  }
  return { type: 'vector', columns: [...made.values()] };
}

function resultLabels(expression: Binary, many: Labels, one: Labels): Labels {
  const { matching } = expression;
  const named = keepsName(expression) ? many : withoutName(many);
  if (matching.many === undefined) {
    if (!matching.on) return named.without(matching.labels);
    return keepsName(expression) ? named.only(new Set([...matching.labels, METRIC_NAME])) : named.only(matching.labels);
  }
  // An included label that the one side lacks is taken away from the many side.
  return matching.include.reduce((labels, name) => labels.with(name, one.get(name)), named);
}
