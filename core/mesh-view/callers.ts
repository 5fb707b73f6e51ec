/**
 * Callers that a rule or a Fault is about, where the caller's own proxy decides. What is asked of them is a text, so that equal questions are
 * one, whoever asks: the table `callerConditions` says by workload which of them hold.
 */
import { byName } from './keys.ts';

interface Written {
  readonly namespaces?: readonly string[] | undefined;
  readonly accounts?: readonly string[] | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

interface Asked {
  /** `*`: any. */
  readonly namespaces: readonly string[];
  /** Absent: any. */
  readonly accounts?: readonly string[];
  readonly labels?: readonly (readonly [key: string, value: string])[];
}

/** `namespace`: of the object that asks. */
export function callersKey(list: readonly Written[], namespace: string): string {
  const entries = list.map(({ namespaces = [namespace], accounts, labels }): Asked => {
    const pairs = Object.entries(labels ?? {}).sort(([a], [b]) => byName(a, b));
    return {
      namespaces: namespaces.includes('*') ? ['*'] : [...namespaces].sort(byName),
      ...(accounts === undefined ? {} : { accounts: [...accounts].sort(byName) }),
      ...(pairs.length === 0 ? {} : { labels: pairs }),
    };
  });
  return JSON.stringify(
    [...new Set(entries.map((entry) => JSON.stringify(entry)))].sort(byName).map((text) => JSON.parse(text) as Asked),
  );
}

const parsed = (key: string): readonly Asked[] => JSON.parse(key) as readonly Asked[];

export interface CallerFacts {
  readonly namespace: string;
  readonly account: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Of these keys those that hold for a caller. */
export const callersHolding = (keys: readonly string[]): ((caller: CallerFacts) => readonly string[]) => {
  const asked = keys.map((key) => ({ key, entries: parsed(key) }));
  return (caller) => asked.filter(({ entries }) => entries.some((entry) => isOne(entry, caller))).map(({ key }) => key);
};

const isOne = ({ namespaces, accounts, labels = [] }: Asked, caller: CallerFacts): boolean =>
  (namespaces[0] === '*' || namespaces.includes(caller.namespace)) &&
  (accounts === undefined || accounts.includes(caller.account)) &&
  labels.every(([key, value]) => caller.labels[key] === value);

/** `namespaces shop, accounts web, labels app=web; or ...` */
export const callersWords = (key: string): string =>
  parsed(key)
    .map(({ namespaces, accounts, labels }) =>
      [
        namespaces[0] === '*' ? 'any namespace' : `namespace ${namespaces.join(' or ')}`,
        ...(accounts === undefined ? [] : [`account ${accounts.join(' or ')}`]),
        ...(labels ?? []).map(([name, value]) => `label ${name}=${value}`),
      ].join(', '),
    )
    .join('; or ');
