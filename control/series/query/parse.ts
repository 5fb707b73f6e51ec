/** Prometheus' query language (the part that `syntax.ts` holds) to a tree. Whatever else the language has is refused by its name. */
import { linearRegex } from '@weft/core/decide';
import { FUNCTIONS } from './functions-table.ts';
import { METRIC_NAME } from './labels.ts';
import {
  type Aggregate,
  type Aggregation,
  AGGREGATIONS,
  type BinaryOperator,
  type Expression,
  type ExpressionType,
  type Matcher,
  type Matching,
  type MatchOperator,
  QueryError,
  type Selector,
} from './syntax.ts';
import { milliseconds, type Token, tokens } from './tokens.ts';

const NOT_TAKEN: Readonly<Record<string, string>> = {
  '@': 'the modifier @ is not supported: give the time with the query',
  ':': 'subqueries are not supported: record the inner query by a longer range instead',
};

const LEVELS: readonly (readonly BinaryOperator[])[] = [
  ['or'],
  ['and', 'unless'],
  ['==', '!=', '<', '>', '<=', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];
const COMPARISONS: ReadonlySet<string> = new Set(LEVELS[2]);
const SET_OPERATORS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);
const NO_MATCHING: Matching = { on: false, labels: new Set(), many: undefined, include: [] };

/** Of any expression: parentheses, signs and operators within each other. */
const DEPTH_LIMIT = 100;

/** @throws QueryError */
export function parseQuery(query: string): Expression {
  const parser = new Parser(query);
  const expression = parser.expression(0);
  parser.end();
  return expression;
}

/** A selector alone, as `match[]` of the series calls takes it. @throws QueryError */
export function parseSelector(query: string): Selector {
  const expression = parseQuery(query);
  if (expression.kind !== 'selector' || expression.range !== undefined || expression.offset !== 0)
    throw new QueryError('must be a selector such as up{job="weft"}', expression.at);
  return expression;
}

/** Every selector in an expression, from left to right. */
export function selectorsOf(expression: Expression): readonly Selector[] {
  switch (expression.kind) {
    case 'number':
    case 'string':
      return [];
    case 'selector':
      return [expression];
    case 'negated':
      return selectorsOf(expression.of);
    case 'aggregate':
      return [
        ...(expression.parameter === undefined ? [] : selectorsOf(expression.parameter)),
        ...selectorsOf(expression.of),
      ];
    case 'binary':
      return [...selectorsOf(expression.left), ...selectorsOf(expression.right)];
    case 'call':
      return expression.parameters.flatMap(selectorsOf);
    default:
      return expression satisfies never;
  }
}

export function typeOf(expression: Expression): ExpressionType {
  switch (expression.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'negated':
      return typeOf(expression.of);
    case 'selector':
      return expression.range === undefined ? 'vector' : 'range';
    case 'aggregate':
      return 'vector';
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar' ? 'scalar' : 'vector';
    case 'call':
      return FUNCTIONS[expression.name]?.gives ?? 'vector';
    default:
      return expression satisfies never;
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  #index = 0;
  #depth = 0;

  constructor(query: string) {
    this.#tokens = tokens(query);
  }

  get #token(): Token {
    const token = this.#tokens[this.#index] ?? this.#tokens.at(-1);
    if (token === undefined) throw new Error('a query without its end');
    return token;
  }

  end(): void {
    if (this.#token.kind !== 'end') this.#unexpected();
  }

  expression(level: number): Expression {
    this.#depth += 1;
    if (this.#depth > DEPTH_LIMIT * (LEVELS.length + 1)) throw new QueryError('is nested too deeply', this.#token.at);
    const made = level === LEVELS.length ? this.#signed() : this.#chain(level);
    this.#depth -= 1;
    return made;
  }

  #chain(level: number): Expression {
    let left = this.expression(level + 1);
    for (;;) {
      const operator = LEVELS[level]?.find((known) => this.#is(known));
      if (operator === undefined) return left;
      left = this.#binary(operator, left, () => this.expression(level + 1));
    }
  }

  /** A sign binds weaker than `^` and stronger than `*`. */
  #signed(): Expression {
    const { at } = this.#token;
    if (this.#take('+')) return this.expression(LEVELS.length);
    if (!this.#take('-')) return this.#power();
    const of = this.expression(LEVELS.length);
    if (typeOf(of) !== 'scalar' && typeOf(of) !== 'vector')
      throw new QueryError('a minus needs a number or a vector behind it', at);
    return of.kind === 'number' ? { ...of, value: -of.value, at } : { kind: 'negated', of, at };
  }

  /** `^` binds from right to left. */
  #power(): Expression {
    const left = this.#primary();
    return this.#is('^') ? this.#binary('^', left, () => this.expression(LEVELS.length)) : left;
  }

  #binary(operator: BinaryOperator, left: Expression, operand: () => Expression): Expression {
    const { at } = this.#token;
    this.#index += 1;
    const bool = this.#take('bool');
    if (bool && !COMPARISONS.has(operator)) throw new QueryError('bool belongs to comparisons', at);
    const matching = this.#matching(operator);
    const right = operand();
    const types = [typeOf(left), typeOf(right)];
    if (types.some((type) => type === 'string' || type === 'range'))
      throw new QueryError(`${operator} works on numbers and instant vectors`, at);
    const scalars = types.filter((type) => type === 'scalar').length;
    if (SET_OPERATORS.has(operator) && scalars > 0) throw new QueryError(`${operator} works on vectors alone`, at);
    if (scalars === 2 && COMPARISONS.has(operator) && !bool)
      throw new QueryError(`a comparison of two numbers needs bool: ${operator} bool`, at);
    if (scalars > 0 && matching !== NO_MATCHING) throw new QueryError('on and ignoring need vectors on both sides', at);
    return { kind: 'binary', operator, bool, matching, left, right, at };
  }

  #matching(operator: BinaryOperator): Matching {
    const on = this.#take('on');
    if (!on && !this.#take('ignoring')) return NO_MATCHING;
    const labels = new Set(this.#labelList());
    const { at } = this.#token;
    const many = this.#take('group_left') ? 'left' : this.#take('group_right') ? 'right' : undefined;
    if (many === undefined) return { on, labels, many, include: [] };
    if (SET_OPERATORS.has(operator)) throw new QueryError(`${operator} takes no group_${many}`, at);
    return { on, labels, many, include: this.#is('(') ? this.#labelList() : [] };
  }

  #primary(): Expression {
    const token = this.#token;
    if (token.kind === 'number') {
      this.#index += 1;
      return { kind: 'number', value: Number(token.text), at: token.at };
    }
    if (token.kind === 'string') {
      this.#index += 1;
      return { kind: 'string', value: token.text, at: token.at };
    }
    if (this.#take('(')) {
      const inner = this.expression(0);
      this.#expect(')');
      if (this.#is('offset') || this.#is('['))
        throw new QueryError('ranges and offsets belong to selectors', this.#token.at);
      return inner;
    }
    if (this.#is('{')) return this.#selector(undefined);
    if (token.kind !== 'name') return this.#unexpected();
    const number = SPECIAL_NUMBERS[token.text.toLowerCase()];
    this.#index += 1;
    if (number !== undefined) return { kind: 'number', value: number, at: token.at };
    const aggregation = AGGREGATIONS.find((known) => known === token.text.toLowerCase());
    if (aggregation !== undefined && (this.#is('(') || this.#is('by') || this.#is('without')))
      return this.#aggregate(aggregation, token.at);
    return this.#is('(') ? this.#call(token) : this.#selector(token);
  }

  #aggregate(operator: Aggregation, at: number): Aggregate {
    const before = this.#grouping();
    this.#expect('(');
    const parameters = this.#parameters();
    const grouping = before ?? this.#grouping() ?? { without: false, labels: new Set<string>() };
    const wantsNumber = operator === 'topk' || operator === 'bottomk' || operator === 'quantile';
    const [first, second] = parameters;
    const of = wantsNumber ? second : first;
    if (parameters.length !== (wantsNumber ? 2 : 1) || of === undefined || typeOf(of) !== 'vector')
      throw new QueryError(`${operator} takes ${wantsNumber ? 'a number and a vector' : 'one instant vector'}`, at);
    if (wantsNumber && (first === undefined || typeOf(first) !== 'scalar'))
      throw new QueryError(`${operator} takes a number first`, at);
    return { kind: 'aggregate', operator, grouping, parameter: wantsNumber ? first : undefined, of, at };
  }

  #grouping(): Aggregate['grouping'] | undefined {
    const without = this.#take('without');
    if (!without && !this.#take('by')) return undefined;
    return { without, labels: new Set(this.#labelList()) };
  }

  #call({ text, at }: Token): Expression {
    const signature = Object.hasOwn(FUNCTIONS, text) ? FUNCTIONS[text] : undefined;
    if (signature === undefined)
      throw new QueryError(`there is no function ${text} here; there are: ${Object.keys(FUNCTIONS).join(', ')}`, at);
    this.#expect('(');
    const parameters = this.#parameters();
    const { takes, optional = 0 } = signature;
    const repeated = optional === Number.POSITIVE_INFINITY;
    const least = takes.length - (repeated ? 1 : optional);
    if (parameters.length < least || (parameters.length > takes.length && !repeated))
      throw new QueryError(`${text} takes ${takes.length === 0 ? 'no parameters' : takes.join(', ')}`, at);
    parameters.forEach((parameter, index) => {
      const wanted = takes[Math.min(index, takes.length - 1)];
      const given = typeOf(parameter);
      if (given !== wanted)
        throw new QueryError(
          `parameter ${index + 1} of ${text} must be ${NOUNS[wanted ?? 'scalar']}, not ${NOUNS[given]}`,
          parameter.at,
        );
    });
    return { kind: 'call', name: text, parameters, at };
  }

  #parameters(): Expression[] {
    const parameters: Expression[] = [];
    while (!this.#is(')')) {
      parameters.push(this.expression(0));
      if (!this.#take(',')) break;
    }
    this.#expect(')');
    return parameters;
  }

  #selector(name: Token | undefined): Selector {
    const at = name?.at ?? this.#token.at;
    const matchers: Matcher[] = [];
    if (name !== undefined) matchers.push(matcher(METRIC_NAME, '=', name.text, name.at));
    if (this.#take('{')) {
      while (!this.#is('}')) {
        matchers.push(this.#matcher());
        if (!this.#take(',')) break;
      }
      this.#expect('}');
    }
    if (matchers.every(({ matches }) => matches('')))
      throw new QueryError('a selector needs a name or a matcher that does not match the empty text', at);
    const range = this.#range();
    const offset = this.#offset();
    return { kind: 'selector', matchers, range, offset, at };
  }

  #matcher(): Matcher {
    const name = this.#name('the name of a label');
    const operator = this.#token.text as MatchOperator;
    if (!['=', '!=', '=~', '!~'].includes(operator)) this.#unexpected();
    this.#index += 1;
    const value = this.#token;
    if (value.kind !== 'string') throw new QueryError('the value of a matcher is a string in quotes', value.at);
    this.#index += 1;
    return matcher(name, operator, value.text, value.at);
  }

  #range(): number | undefined {
    if (!this.#take('[')) return undefined;
    const range = this.#duration();
    if (range === 0) throw new QueryError('a range must be longer than nothing', this.#token.at);
    this.#expect(']');
    return range;
  }

  #offset(): number {
    if (!this.#take('offset')) return 0;
    return this.#take('-') ? -this.#duration() : this.#duration();
  }

  #duration(): number {
    const { kind, text, at } = this.#token;
    if (kind !== 'duration') throw new QueryError('a duration such as 5m is expected here', at);
    this.#index += 1;
    return milliseconds(text, at);
  }

  #labelList(): string[] {
    this.#expect('(');
    const names: string[] = [];
    while (!this.#is(')')) {
      names.push(this.#name('the name of a label'));
      if (!this.#take(',')) break;
    }
    this.#expect(')');
    return names;
  }

  #name(what: string): string {
    const { kind, text, at } = this.#token;
    if (kind !== 'name') throw new QueryError(`${what} is expected here`, at);
    this.#index += 1;
    return text;
  }

  /** Words of the language are taken in any case, as Prometheus does. */
  #is(text: string): boolean {
    const token = this.#token;
    return token.kind === 'sign' ? token.text === text : token.kind === 'name' && token.text.toLowerCase() === text;
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#index += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) this.#unexpected(text);
  }

  #unexpected(wanted?: string): never {
    const { kind, text, at } = this.#token;
    const taken = NOT_TAKEN[text];
    if (kind === 'sign' && taken !== undefined) throw new QueryError(taken, at);
    const found = kind === 'end' ? 'the query ends' : `${JSON.stringify(text)} is not expected`;
    throw new QueryError(wanted === undefined ? `${found} here` : `${found} here: ${wanted} is missing`, at);
  }
}

const SPECIAL_NUMBERS: Readonly<Record<string, number>> = { inf: Number.POSITIVE_INFINITY, nan: Number.NaN };

const NOUNS: Readonly<Record<ExpressionType, string>> = {
  scalar: 'a number',
  string: 'a string',
  vector: 'an instant vector',
  range: 'a range such as name[5m]',
};

function matcher(name: string, operator: MatchOperator, value: string, at: number): Matcher {
  if (operator === '=') return { name, operator, value, matches: (text) => text === value };
  if (operator === '!=') return { name, operator, value, matches: (text) => text !== value };
  const regex = linearRegex(value);
  if (regex === undefined) throw new QueryError(`${JSON.stringify(value)} is no regular expression (RE2)`, at);
  const wanted = operator === '=~';
  return { name, operator, value, matches: (text) => regex.matches(text) === wanted };
}
