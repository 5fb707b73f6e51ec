/** Reads the Common Expression Language (cel-spec, "Syntax"): a text to a tree, or the first place that is none. Bounded in length and depth. */
import { CelFault } from './fault.ts';
import { type Literal, type Token, tokens } from './tokens.ts';

/** `at`: offset in the text. */
export type CelNode = { readonly at: number } & (
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'select'; readonly of: CelNode; readonly field: string }
  | { readonly kind: 'index'; readonly of: CelNode; readonly key: CelNode }
  /** `of` undefined: a function of its own. */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly of: CelNode | undefined;
      readonly args: readonly CelNode[];
    }
  | { readonly kind: 'list'; readonly items: readonly CelNode[] }
  | { readonly kind: 'unary'; readonly operator: '!' | '-'; readonly of: CelNode }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: CelNode; readonly right: CelNode }
  | { readonly kind: 'choice'; readonly test: CelNode; readonly yes: CelNode; readonly no: CelNode }
);

/** Longest expression, in characters, and most brackets and operators within each other. */
export const MAX_CEL_LENGTH = 4096;
const MAX_DEPTH = 64;

/** Operators of two sides, those that bind least first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

export function parseCel(text: string): CelNode {
  if (text.length > MAX_CEL_LENGTH) throw new CelFault(`longer than ${MAX_CEL_LENGTH} characters`, 0);
  return new Parser(tokens(text), text.length).whole();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #end: number;
  #next = 0;
  #depth = 0;

  constructor(list: readonly Token[], end: number) {
    this.#tokens = list;
    this.#end = end;
  }

  whole(): CelNode {
    const node = this.#expression();
    const rest = this.#tokens[this.#next];
    if (rest !== undefined) throw new CelFault(`unexpected ${rest.text}`, rest.at);
    return node;
  }

  get #at(): number {
    return this.#tokens[this.#next]?.at ?? this.#end;
  }

  #sees(text: string): boolean {
    const token = this.#tokens[this.#next];
    return token !== undefined && token.kind !== 'literal' && token.text === text;
  }

  #takes(text: string): boolean {
    if (!this.#sees(text)) return false;
    this.#next += 1;
    return true;
  }

  #demand(text: string): void {
    if (!this.#takes(text)) throw new CelFault(`${text} expected`, this.#at);
  }

  #expression(): CelNode {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new CelFault('too deep', this.#at);
    const at = this.#at;
    const test = this.#binary(0);
    let node = test;
    if (this.#takes('?')) {
      const yes = this.#binary(0);
      this.#demand(':');
      node = { kind: 'choice', at, test, yes, no: this.#expression() };
    }
    this.#depth -= 1;
    return node;
  }

  #binary(level: number): CelNode {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const at = this.#at;
      const operator = operators.find((one) => this.#takes(one));
      if (operator === undefined) return left;
      left = { kind: 'binary', at, operator, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): CelNode {
    const at = this.#at;
    for (const operator of ['!', '-'] as const) {
      if (!this.#takes(operator)) continue;
      this.#depth += 1;
      if (this.#depth > MAX_DEPTH) throw new CelFault('too deep', at);
      const of = this.#unary();
      this.#depth -= 1;
      // -1 is a literal, so that the least int can be written.
      if (operator === '-' && of.kind === 'literal' && (typeof of.value === 'bigint' || typeof of.value === 'number'))
        return { kind: 'literal', at, value: -of.value };
      return { kind: 'unary', at, operator, of };
    }
    return this.#member();
  }

  #member(): CelNode {
    let node = this.#primary();
    for (;;) {
      const at = this.#at;
      if (this.#takes('.')) {
        const field = this.#identifier();
        node = this.#takes('(')
          ? { kind: 'call', at, name: field, of: node, args: this.#list(')') }
          : { kind: 'select', at, of: node, field };
      } else if (this.#takes('[')) {
        node = { kind: 'index', at, of: node, key: this.#expression() };
        this.#demand(']');
      } else return node;
    }
  }

  #primary(): CelNode {
    const at = this.#at;
    const token = this.#tokens[this.#next];
    if (token?.kind === 'literal') {
      this.#next += 1;
      return { kind: 'literal', at, value: token.value };
    }
    if (this.#takes('(')) {
      const inner = this.#expression();
      this.#demand(')');
      return inner;
    }
    if (this.#takes('[')) return { kind: 'list', at, items: this.#list(']') };
    if (this.#sees('{')) throw new CelFault('maps and messages are not taken here', at);
    const name = this.#identifier();
    return this.#takes('(')
      ? { kind: 'call', at, name, of: undefined, args: this.#list(')') }
      : { kind: 'name', at, name };
  }

  #identifier(): string {
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'name' || token.text === 'in')
      throw new CelFault(token === undefined ? 'the expression ends too early' : `unexpected ${token.text}`, this.#at);
    this.#next += 1;
    return token.text;
  }

  #list(end: string): CelNode[] {
    const items: CelNode[] = [];
    if (this.#takes(end)) return items;
    do items.push(this.#expression());
    while (this.#takes(','));
    this.#demand(end);
    return items;
  }
}
