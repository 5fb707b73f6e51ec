/** Aggregations over the series of a vector, step by step. */
import { at, anyPresent, column, type Column, isPresent, put, type Scalar, type Vector } from './columns.ts';
import { type Labels, withoutName } from './labels.ts';
import { larger, quantileOf, smaller } from './ranges.ts';
import type { Aggregate } from './syntax.ts';

type Folding = (values: readonly number[], parameter: number) => number;

const sum: Folding = (values) => values.reduce((a, b) => a + b, 0);
const mean: Folding = (values) => sum(values, 0) / values.length;

const FOLDINGS: Readonly<Record<Exclude<Aggregate['operator'], 'topk' | 'bottomk'>, Folding>> = {
  sum,
  avg: mean,
  min: (values) => values.reduce(smaller, Number.NaN),
  max: (values) => values.reduce(larger, Number.NaN),
  count: (values) => values.length,
  group: () => 1,
  stddev: (values) => {
    const middle = mean(values, 0);
    return Math.sqrt(
      sum(
        values.map((value) => (value - middle) ** 2),
        0,
      ) / values.length,
    );
  },
  quantile: quantileOf,
};

export function aggregate(expression: Aggregate, { columns }: Vector, parameter: Scalar | undefined): Vector {
  const { operator, grouping } = expression;
  const groups = new Map<string, { labels: Labels; members: Column[] }>();
  for (const member of columns) {
    const labels = grouping.without
      ? withoutName(member.labels.without(grouping.labels))
      : member.labels.only(grouping.labels);
    const group = groups.get(labels.key);
    if (group === undefined) groups.set(labels.key, { labels, members: [member] });
    else group.members.push(member);
  }
  const made: Column[] = [];
  for (const { labels, members } of groups.values()) {
    if (operator === 'topk' || operator === 'bottomk') made.push(...ranked(members, operator === 'topk', parameter));
    else made.push(folded(labels, members, FOLDINGS[operator], parameter));
  }
  return { type: 'vector', columns: made };
}

function folded(labels: Labels, members: readonly Column[], fold: Folding, parameter: Scalar | undefined): Column {
  const steps = members[0]?.values.length ?? 0;
  const made = column(labels, steps);
  for (let step = 0; step < steps; step += 1) {
    const values: number[] = [];
    for (const member of members) if (isPresent(member, step)) values.push(at(member.values, step));
    if (values.length > 0) put(made, step, fold(values, parameter === undefined ? 0 : at(parameter.values, step)));
  }
  return made;
}

/** The k first of a group at each step, which may be others at each; they keep their labels. NaN comes last. */
function ranked(members: readonly Column[], most: boolean, parameter: Scalar | undefined): Column[] {
  const steps = members[0]?.values.length ?? 0;
  const made = members.map(({ labels }) => column(labels, steps));
  for (let step = 0; step < steps; step += 1) {
    const wanted = Math.trunc(parameter === undefined ? 0 : at(parameter.values, step));
    if (!(wanted >= 1)) continue;
    const order = [...members.keys()].filter((index) => isPresent(members[index] as Column, step));
    const value = (index: number): number => members[index]?.values[step] ?? Number.NaN;
    order.sort((a, b) => compare(value(a), value(b), most));
    for (const index of order.slice(0, wanted)) {
      const target = made[index];
      if (target !== undefined) put(target, step, value(index));
    }
  }
  return made.filter(anyPresent);
}

function compare(a: number, b: number, most: boolean): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  if (Number.isNaN(b)) return -1;
  return most ? b - a : a - b;
}

/** By value at the last step, for what is printed; NaN last. */
export function sorted({ columns }: Vector, descending: boolean): Vector {
  const last = (source: Column): number => source.values.at(-1) ?? Number.NaN;
  return { type: 'vector', columns: columns.toSorted((a, b) => compare(last(a), last(b), descending)) };
}
