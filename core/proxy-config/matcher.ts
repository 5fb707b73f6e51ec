/** String and header matchers (envoy.type.matcher.v3.StringMatcher, envoy.config.route.v3.HeaderMatcher). */
export type StringMatcher =
  | { readonly kind: 'exact' | 'prefix' | 'suffix' | 'contains'; readonly value: string; readonly ignoreCase: boolean }
  /** RE2 syntax, whole-string match. */
  | { readonly kind: 'regex'; readonly regex: string };

export interface HeaderMatcher {
  /** Lower case; pseudo-headers as `:method`, `:path`, `:authority`. */
  readonly name: string;
  readonly match:
    | { readonly kind: 'string'; readonly matcher: StringMatcher }
    | { readonly kind: 'present'; readonly present: boolean }
    /** Half-open range [start, end) of a whole number. */
    | { readonly kind: 'range'; readonly start: number; readonly end: number };
  readonly invert: boolean;
  readonly treatMissingAsEmpty: boolean;
}

/** envoy.config.common.matcher.v3.MatchPredicate, as far as it is about the head of an answer. `headers`: all must hold. */
export type AnswerMatcher =
  | { readonly kind: 'any' }
  | { readonly kind: 'or' | 'and'; readonly rules: readonly AnswerMatcher[] }
  | { readonly kind: 'not'; readonly rule: AnswerMatcher }
  | { readonly kind: 'headers'; readonly headers: readonly HeaderMatcher[] };

/** envoy.config.route.v3.QueryParameterMatcher */
export interface QueryParameterMatcher {
  readonly name: string;
  readonly match:
    | { readonly kind: 'string'; readonly matcher: StringMatcher }
    | { readonly kind: 'present'; readonly present: boolean };
}

/** envoy.type.v3.FractionalPercent */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: 100 | 10_000 | 1_000_000;
  /** The key of the runtime that says otherwise; absent: none does. */
  readonly runtimeKey?: string;
}

/** envoy.config.route.v3.CookieMatcher; a request without the cookie matches an inverted one only. */
export interface CookieMatcher {
  readonly name: string;
  readonly matcher: StringMatcher;
  readonly invert: boolean;
}
