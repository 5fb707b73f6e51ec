/** The syntax tree of a query: Prometheus' language without subqueries, `@`, native histograms and string results. */

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly name: string;
  readonly operator: MatchOperator;
  readonly value: string;
  /** By `operator`; regular expressions match the whole value. */
  readonly matches: (value: string) => boolean;
}

export interface Selector {
  readonly kind: 'selector';
  readonly matchers: readonly Matcher[];
  /** Milliseconds; undefined for an instant vector. */
  readonly range: number | undefined;
  /** Milliseconds into the past. */
  readonly offset: number;
  readonly at: number;
}

export const AGGREGATIONS = [
  'sum',
  'avg',
  'min',
  'max',
  'count',
  'group',
  'stddev',
  'topk',
  'bottomk',
  'quantile',
] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly operator: Aggregation;
  readonly grouping: { readonly without: boolean; readonly labels: ReadonlySet<string> };
  /** Of topk, bottomk and quantile. */
  readonly parameter: Expression | undefined;
  readonly of: Expression;
  readonly at: number;
}

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | 'and'
  | 'or'
  | 'unless';

export interface Matching {
  /** `on` or `ignoring`. */
  readonly on: boolean;
  readonly labels: ReadonlySet<string>;
  /** Which side may have several series of one group; undefined: neither. */
  readonly many: 'left' | 'right' | undefined;
  /** Labels that the one side gives to the result. */
  readonly include: readonly string[];
}

export interface Binary {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  /** Comparisons give 0 and 1 instead of filtering. */
  readonly bool: boolean;
  readonly matching: Matching;
  readonly left: Expression;
  readonly right: Expression;
  readonly at: number;
}

export interface FunctionCall {
  readonly kind: 'call';
  readonly name: string;
  readonly parameters: readonly Expression[];
  readonly at: number;
}

export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'string'; readonly value: string; readonly at: number }
  | { readonly kind: 'negated'; readonly of: Expression; readonly at: number }
  | Selector
  | Aggregate
  | Binary
  | FunctionCall;

export type ExpressionType = 'scalar' | 'string' | 'vector' | 'range';

/** A fault of a query; `at` is an offset into its text. */
export class QueryError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
