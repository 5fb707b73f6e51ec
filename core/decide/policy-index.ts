/** Which of many RBAC policies may match: by names that the caller must have, paths and headers that the request must have. A policy that asks for none of them always may. */
import type { HeaderMatcher, RbacPermission, RbacPolicy, RbacPrincipal, StringMatcher } from '../proxy-config/index.ts';
import { ExactIndex, PrefixIndex } from './literal-index.ts';
import { type ConnectionView, matchedHeader, type PeerNames, type RequestView } from './request.ts';

type Rule = RbacPermission | RbacPrincipal;

/** What a rule asks for, any one of them; undefined: something else. */
type Asked<Key> = (rule: Rule) => readonly Key[] | undefined;

const exactly = (matcher: StringMatcher | undefined): string | undefined =>
  matcher?.kind === 'exact' && !matcher.ignoreCase ? matcher.value : undefined;

const identities: Asked<string> = (rule) => {
  const name = rule.kind === 'authenticated' ? exactly(rule.name) : undefined;
  return name === undefined ? undefined : [name];
};

const paths: Asked<string> = (rule) => {
  if (rule.kind !== 'url-path' || rule.matcher.kind === 'regex' || rule.matcher.ignoreCase) return undefined;
  return rule.matcher.kind === 'exact' || rule.matcher.kind === 'prefix' ? [rule.matcher.value] : undefined;
};

type HeaderKey = readonly [name: string, value: string];

const headers: Asked<HeaderKey> = (rule) => {
  if (rule.kind !== 'header' || rule.header.invert || rule.header.treatMissingAsEmpty) return undefined;
  const value = exactValue(rule.header);
  return value === undefined ? undefined : [[rule.header.name, value]];
};

const exactValue = ({ match }: HeaderMatcher): string | undefined =>
  match.kind === 'string' ? exactly(match.matcher) : undefined;

/** Of rules of which any one suffices: undefined unless each asks for something. */
function ofAny<Key>(rules: readonly Rule[], asked: Asked<Key>): readonly Key[] | undefined {
  const keys: Key[] = [];
  for (const rule of rules) {
    const own = keysOf(rule, asked);
    if (own === undefined) return undefined;
    keys.push(...own);
  }
  return keys;
}

function keysOf<Key>(rule: Rule, asked: Asked<Key>): readonly Key[] | undefined {
  if (rule.kind === 'or') return ofAny(rule.rules, asked);
  if (rule.kind !== 'and') return asked(rule);
  for (const inner of rule.rules) {
    const keys = keysOf(inner, asked);
    if (keys !== undefined) return keys;
  }
  return undefined;
}

export class PolicyIndex {
  readonly #identities = new ExactIndex();
  readonly #paths = new PrefixIndex();
  readonly #headers = new Map<string, ExactIndex>();
  readonly #others: number[] = [];

  constructor(policies: readonly RbacPolicy[]) {
    for (const [number, policy] of policies.entries()) this.#add(policy, number);
  }

  #add({ permissions, principals }: RbacPolicy, number: number): void {
    const names = ofAny(principals, identities);
    if (names !== undefined) {
      for (const name of names) this.#identities.add(name, number);
      return;
    }
    const literals = ofAny(permissions, paths) ?? ofAny(principals, paths);
    if (literals !== undefined) {
      for (const literal of literals) this.#paths.add(literal, number);
      return;
    }
    const values = ofAny(permissions, headers) ?? ofAny(principals, headers);
    if (values === undefined) {
      this.#others.push(number);
      return;
    }
    for (const [name, value] of values) {
      let index = this.#headers.get(name);
      if (index === undefined) this.#headers.set(name, (index = new ExactIndex()));
      index.add(value, number);
    }
  }

  /** Ascending lists of numbers of policies. */
  candidates({ peer }: ConnectionView, request: RequestView): (readonly number[])[] {
    const lists: (readonly number[])[] = this.#others.length === 0 ? [] : [this.#others];
    if (peer !== undefined) for (const name of namesOf(peer)) this.#identities.collect(name, lists);
    this.#paths.collect(request.path, lists);
    for (const [name, index] of this.#headers) {
      const value = matchedHeader(request, name);
      if (value === undefined) continue;
      // Several values are asked one by one or together: any of them may be meant.
      if (value.includes(',')) lists.push(...index.lists);
      else index.collect(value, lists);
    }
    return lists;
  }
}

/** Envoy's order: URI names if there are any, else DNS names, else the subject. */
export function namesOf({ uriSans, dnsSans, subject }: PeerNames): readonly string[] {
  if (uriSans.length > 0) return uriSans;
  return dnsSans.length > 0 ? dnsSans : [subject];
}
