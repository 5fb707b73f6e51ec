/**
 * What of a rule that refuses must go for a call to pass, and nothing else. What a rule matches is the product of what its lists name: callers
 * (entries of `from`, in each its lists) and destinations (entries of `to`, in each its lists). Taking less out of them refuses no less, so
 * putting back one by one whatever the call can pass beside leaves a smallest part.
 */
import type { AccessPolicy } from '@weft/core/resources';

export type Rule = AccessPolicy['spec']['rules'][number];

export interface Exception {
  /** An imperative sentence. */
  readonly change: string;
  /** Behind the rule's own source, such as `.to[0].paths`; '': the rule. */
  readonly at: string;
  /** undefined: nothing is left of it. */
  readonly rule: Rule | undefined;
}

type Side = 'from' | 'to';
type Entry = Readonly<Record<string, unknown>>;

/** One name in a list of an entry; without `field` the entry itself, which has no list of alternatives. */
interface Atom {
  readonly side: Side;
  readonly index: number;
  readonly field: string | undefined;
  readonly value: unknown;
}

/** Lists of which one name must fit; in others all must hold, or none. */
const ALTERNATIVES: Readonly<Record<Side, readonly string[]>> = {
  from: ['accounts', 'identities', 'namespaces', 'trustDomains', 'ipBlocks', 'remoteIpBlocks'],
  to: ['paths', 'pathRegexes', 'methods', 'hosts', 'ports'],
};
/** Of rules with more names none is looked for: each costs a question. */
const MOST = 64;

/** `passes`: whether the call does with that rule in the other's place; it does without any. One that leaves something of the rule goes first. */
export function exceptionsOf(rule: Rule, passes: (rule: Rule | undefined) => boolean): Exception[] {
  const whole: Exception = { change: 'take this rule out', at: '', rule: undefined };
  const sides = (['from', 'to'] as const).map((side) => atomsOf(rule, side));
  const all = sides.flat();
  if (all.length === 0 || all.length > MOST) return [whole];
  /** Of `gone` the atoms that the call cannot pass with; they are put back in the order given. */
  const least = (gone: readonly Atom[], order: readonly Atom[]): Atom[] => {
    const out = new Set(gone);
    for (const atom of order) {
      out.delete(atom);
      const left = without(rule, out);
      if (left !== undefined && !passes(left)) out.add(atom);
    }
    return [...out];
  };
  const found = [all, all.toReversed()].map((order) => {
    let gone = least(order, order);
    // Of an entry that is gone for a list of which all had to go, another list may have names that can stay.
    for (const list of Map.groupBy(all, ({ side, index, field }) => `${side}[${index}].${field}`).values()) {
      const { side, index } = list[0] as Atom;
      const others = gone.filter((atom) => atom.side !== side || atom.index !== index);
      if (list.length < 2 || !isGone(rule, side, index, gone)) continue;
      const instead = least([...others, ...list], list);
      if (!isGone(rule, side, index, instead)) gone = instead;
    }
    return { gone: new Set(gone), left: without(rule, new Set(gone)) };
  });
  const partial = found
    .filter(({ left }) => left !== undefined)
    .toSorted((a, b) => atomsIn(b.left) - atomsIn(a.left))
    .map(
      ({ gone, left }): Exception => ({
        ...wordsOf(
          rule,
          all.filter((atom) => gone.has(atom)),
        ),
        rule: left,
      }),
    );
  return partial.length > 0 ? partial : [whole];
}

const atomsIn = (rule: Rule | undefined): number =>
  rule === undefined ? 0 : atomsOf(rule, 'from').length + atomsOf(rule, 'to').length;

const entriesOf = (rule: Rule, side: Side): readonly Entry[] => (rule[side] ?? []) as readonly Entry[];

const namesOf = (entry: Entry, field: string): readonly unknown[] | undefined =>
  entry[field] as readonly unknown[] | undefined;

const atomsOf = (rule: Rule, side: Side): Atom[] =>
  entriesOf(rule, side).flatMap((entry, index): Atom[] => {
    const names = ALTERNATIVES[side].flatMap((field) =>
      (namesOf(entry, field) ?? []).map((value): Atom => ({ side, index, field, value })),
    );
    return names.length === 0 ? [{ side, index, field: undefined, value: undefined }] : names;
  });

const isGone = (rule: Rule, side: Side, index: number, out: readonly Atom[]): boolean =>
  withoutNames(
    entriesOf(rule, side)[index] ?? {},
    index,
    out.filter((atom) => atom.side === side),
  ) === undefined;

/** An entry of which one list is empty matches nothing, nor does a rule without an entry. */
function without(rule: Rule, gone: ReadonlySet<Atom>): Rule | undefined {
  let left: Rule = rule;
  for (const side of ['from', 'to'] as const) {
    const out = [...gone].filter((atom) => atom.side === side);
    if (out.length === 0) continue;
    const entries = entriesOf(rule, side).flatMap((entry, index) => withoutNames(entry, index, out) ?? []);
    if (entries.length === 0) return undefined;
    left = { ...left, [side]: entries };
  }
  return left;
}

function withoutNames(entry: Entry, index: number, out: readonly Atom[]): Entry | undefined {
  const own = out.filter((atom) => atom.index === index);
  if (own.some(({ field }) => field === undefined)) return undefined;
  let left = entry;
  for (const field of new Set(own.map((atom) => atom.field ?? ''))) {
    const names = (namesOf(entry, field) ?? []).filter(
      (name) => !own.some((one) => one.field === field && one.value === name),
    );
    if (names.length === 0) return undefined;
    left = { ...left, [field]: names };
  }
  return left;
}

function wordsOf(rule: Rule, gone: readonly Atom[]): Pick<Exception, 'change' | 'at'> {
  const places = new Map<string, string>();
  for (const { side, index, field } of gone) {
    const entry = entriesOf(rule, side)[index] ?? {};
    const names = gone.flatMap((one) =>
      one.side === side && one.index === index && one.field === field ? [String(one.value)] : [],
    );
    const at = `${side}[${index}]`;
    if (field === undefined || names.length === namesOf(entry, field)?.length)
      places.set(`.${at}`, `take the entry ${at} out`);
    else places.set(`.${at}.${field}`, `take ${names.join()} out of \`${at}.${field}\``);
  }
  const [first = ''] = places.keys();
  return { change: [...places.values()].join(' and '), at: places.size === 1 ? first : '' };
}
