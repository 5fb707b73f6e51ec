/** Which of many RBAC policies may match: by names that the caller must have, paths and headers that the request must have. A policy that asks for none of them always may. */
import type { HeaderMatcher, RbacPermission, RbacPolicy, RbacPrincipal, StringMatcher } from '../proxy-config/index.ts';
import { type Candidates, ExactIndex, PrefixIndex } from './literal-index.ts';
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

/** By what policies ask of the request: its path, else a header. */
class RequestIndex {
  readonly #paths = new PrefixIndex();
  readonly #names: string[] = [];
  /** By position of the name. */
  readonly #headers: ExactIndex[] = [];
  readonly #others: number[] = [];

  add({ permissions, principals }: RbacPolicy, number: number): void {
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
      let at = this.#names.indexOf(name);
      if (at < 0) at = this.#names.push(name) - 1;
      (this.#headers[at] ??= new ExactIndex()).add(value, number);
    }
  }

  collect(request: RequestView, into: Candidates): void {
    if (this.#others.length > 0) into.add(this.#others);
    this.#paths.collect(request.path, into);
    if (this.#names.length === 0) return;
    if (request.nextPresent === undefined)
      for (let at = 0; at < this.#names.length; at += 1) this.#collectBy(at, request, into);
    else
      for (let at = request.nextPresent(this.#names, 0); at >= 0; at = request.nextPresent(this.#names, at + 1))
        this.#collectBy(at, request, into);
  }

  #collectBy(at: number, request: RequestView, into: Candidates): void {
    const index = this.#headers[at] as ExactIndex;
    const value = matchedHeader(request, this.#names[at] as string);
    // Several values are asked one by one or together: any of them may be meant.
    if (value?.includes(',') === true) index.collectAll(into);
    else if (value !== undefined) index.collect(value, into);
  }
}

export class PolicyIndex {
  /** Policies for certain callers. */
  readonly #callers = new Map<string, RequestIndex>();
  readonly #others = new RequestIndex();

  constructor(policies: readonly RbacPolicy[]) {
    for (const [number, policy] of policies.entries()) {
      const names = ofAny(policy.principals, identities);
      if (names === undefined) this.#others.add(policy, number);
      else for (const name of new Set(names)) this.#caller(name).add(policy, number);
    }
  }

  #caller(name: string): RequestIndex {
    let index = this.#callers.get(name);
    if (index === undefined) this.#callers.set(name, (index = new RequestIndex()));
    return index;
  }

  /** The policies to ask. */
  collect({ peer }: ConnectionView, request: RequestView, into: Candidates): void {
    this.#others.collect(request, into);
    if (peer === undefined || this.#callers.size === 0) return;
    for (const name of namesOf(peer)) this.#callers.get(name)?.collect(request, into);
  }
}

/** Envoy's order: URI names if there are any, else DNS names, else the subject. */
export function namesOf({ uriSans, dnsSans, subject }: PeerNames): readonly string[] {
  if (uriSans.length > 0) return uriSans;
  return dnsSans.length > 0 ? dnsSans : [subject];
}
