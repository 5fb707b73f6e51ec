/** Words of the Common Expression Language (cel-spec, "Syntax"): names, literals, operators. */
import { CelFault } from './fault.ts';

export type Literal = null | boolean | bigint | number | string | { readonly uint: bigint };

export type Token = { readonly at: number; readonly text: string } & (
  | { readonly kind: 'name' | 'operator' }
  | { readonly kind: 'literal'; readonly value: Literal }
);

const SPACE = /[\t\n\f\r ]+|\/\/[^\n]*/y;
const NUMBER = /0x[0-9a-fA-F]+[uU]?|\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+[uU]?|\.\d+(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_]\w*/y;
const TEXT = /(r|R)?("""|'''|"|')/y;
const OPERATOR = /&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()[\]{}]/y;

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

export function tokens(text: string): Token[] {
  const list: Token[] = [];
  let at = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (at < text.length) {
    const space = next(SPACE);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const quote = next(TEXT);
    if (quote !== null) {
      const [value, end] = quoted(text, at + quote[0].length, quote[2] as string, quote[1] !== undefined);
      list.push({ kind: 'literal', at, text: text.slice(at, end), value });
      at = end;
      continue;
    }
    const number = next(NUMBER);
    const name = number ?? next(NAME);
    const found = name ?? next(OPERATOR);
    if (found === null) throw new CelFault(`unexpected ${JSON.stringify(text.charAt(at))}`, at);
    const [word] = found;
    if (number !== null) list.push({ kind: 'literal', at, text: word, value: numberOf(word, at) });
    else if (name === null) list.push({ kind: 'operator', at, text: word });
    else if (Object.hasOwn(WORDS, word)) list.push({ kind: 'literal', at, text: word, value: WORDS[word] as Literal });
    else if (/^[bB]$/.test(word) && /["']/.test(text.charAt(at + 1)))
      throw new CelFault('bytes are not taken here', at);
    else list.push({ kind: 'name', at, text: word });
    at += word.length;
  }
  return list;
}

const WORDS: Readonly<Record<string, null | boolean>> = { true: true, false: false, null: null };

function numberOf(word: string, at: number): Literal {
  if (/^0x|^\d+[uU]?$/.test(word)) {
    const unsigned = /[uU]$/.test(word);
    const value = BigInt(unsigned ? word.slice(0, -1) : word);
    if (value >= 1n << (unsigned ? 64n : 63n)) throw new CelFault(`${word} is too large`, at);
    return unsigned ? { uint: value } : value;
  }
  return Number(word);
}

/** The text up to its closing quotes, and where it ends. */
function quoted(text: string, start: number, quotes: string, raw: boolean): [string, number] {
  let value = '';
  let at = start;
  while (!text.startsWith(quotes, at)) {
    const character = text.charAt(at);
    if (character === '' || (quotes.length === 1 && character === '\n'))
      throw new CelFault('a text without end', start - quotes.length);
    if (character !== '\\' || raw) {
      value += character;
      at += 1;
      continue;
    }
    const [escaped, length] = escape(text, at);
    value += escaped;
    at += length;
  }
  return [value, at + quotes.length];
}

const CODE = /\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2}))/y;

function escape(text: string, at: number): [string, number] {
  const letter = text.charAt(at + 1);
  if (Object.hasOwn(ESCAPES, letter)) return [ESCAPES[letter] as string, 2];
  if (/[\\?"'`]/.test(letter)) return [letter, 2];
  CODE.lastIndex = at;
  const code = CODE.exec(text);
  const octal = code?.[4];
  const number =
    octal === undefined ? Number.parseInt(code?.[1] ?? code?.[2] ?? code?.[3] ?? '', 16) : Number.parseInt(octal, 8);
  if (code === null || number > 0x10ffff || (number >= 0xd800 && number < 0xe000))
    throw new CelFault('an escape that is none', at);
  return [String.fromCodePoint(number), code[0].length];
}
