/** What a rule asks of a request beside its matches: weft.dev HTTPRouteFilter `conditions`, those of several filters together. */
import type { HeaderMatcher } from '../proxy-config/index.ts';

export interface ConditionsRow {
  /** undefined: either. */
  readonly scheme: 'http' | 'https' | undefined;
  /** Sorted, each once; all must hold. */
  readonly headers: readonly HeaderMatcher[];
  /** Keys of the table `callerConditions`, sorted, each once; all must hold for the caller. */
  readonly from: readonly string[];
}

/** How much they ask for: what is otherwise equal is ordered by it, the larger first. */
export const conditionCount = (conditions: ConditionsRow | undefined): number =>
  conditions === undefined
    ? 0
    : conditions.headers.length + conditions.from.length + (conditions.scheme === undefined ? 0 : 1);

/** Where a request enters, as far as it is known when a proxy is configured. */
export interface Entrance {
  readonly scheme: 'http' | 'https';
  /** Keys of the table `callerConditions` that hold for the caller. */
  readonly callers: readonly string[];
}

/** Whether the rule is one of those that enter there at all; what is asked of headers is asked of each request. */
export const meetsEntrance = (conditions: ConditionsRow | undefined, { scheme, callers }: Entrance): boolean =>
  conditions === undefined ||
  ((conditions.scheme ?? scheme) === scheme && conditions.from.every((key) => callers.includes(key)));
