/**
 * A JSON text (RFC 8259) as a tree with the offset of every node. JSON.parse cannot serve: it forgets places and takes the last of two equal keys. What is no
 * JSON, or nested too deeply, is left to the YAML reader, of whose language JSON is a part, and which says what is wrong.
 */
import { SourceText } from './source.ts';
import type { TextNode, TextPair, TextScalar } from './tree.ts';

/** Levels of objects and arrays; protobuf's own JSON reader stops there as well. */
const MAX_DEPTH = 100;

/** undefined: the text is no JSON. */
export function jsonSource(text: string, file: string): SourceText | undefined {
  const root = new JsonScanner(text).document();
  return root === undefined ? undefined : new SourceText({ text, file, root, faults: [] });
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORDS = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** Recursive descent; every method answers undefined where the text is no JSON. */
class JsonScanner {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): TextNode | undefined {
    const root = this.#value(this.#next());
    return root !== undefined && Number.isNaN(this.#next()) ? root : undefined;
  }

  /** The next character that is no white space, which stays; NaN at the end. */
  #next(): number {
    for (;;) {
      const char = this.#text.charCodeAt(this.#at);
      if (char !== SPACE && char !== LINE_FEED && char !== CARRIAGE_RETURN && char !== TAB) return char;
      this.#at += 1;
    }
  }

  /** `first`: its first character; NaN where none may stand. */
  #value(first: number): TextNode | undefined {
    if (first === QUOTE) return this.#string();
    if (first !== OPEN_MAP && first !== OPEN_LIST) return Number.isNaN(first) ? undefined : this.#plain();
    if (this.#depth === MAX_DEPTH) return undefined;
    this.#depth += 1;
    const node = first === OPEN_MAP ? this.#map() : this.#list();
    this.#depth -= 1;
    return node;
  }

  #map(): TextNode | undefined {
    const offset = this.#at;
    const pairs: TextPair[] = [];
    this.#at += 1;
    let char = this.#next();
    while (char !== CLOSE_MAP) {
      const key = char === QUOTE ? this.#string() : undefined;
      if (key === undefined || this.#next() !== COLON) return undefined;
      this.#at += 1;
      const value = this.#value(this.#next());
      if (value === undefined) return undefined;
      pairs.push({ key: key.source, offset: key.offset, value });
      char = this.#separator(CLOSE_MAP);
    }
    this.#at += 1;
    return { kind: 'map', offset, pairs };
  }

  #list(): TextNode | undefined {
    const offset = this.#at;
    const items: TextNode[] = [];
    this.#at += 1;
    let char = this.#next();
    while (char !== CLOSE_LIST) {
      const item = this.#value(char);
      if (item === undefined) return undefined;
      items.push(item);
      char = this.#separator(CLOSE_LIST);
    }
    this.#at += 1;
    return { kind: 'list', offset, items };
  }

  /** Behind a member: `end`, or the first character of the next member; NaN when neither comes. */
  #separator(end: number): number {
    const char = this.#next();
    if (char === end) return end;
    if (char !== COMMA) return Number.NaN;
    this.#at += 1;
    const next = this.#next();
    return next === end ? Number.NaN : next;
  }

  #string(): TextScalar | undefined {
    const text = this.#text;
    const offset = this.#at;
    let end = offset + 1;
    let escaped = false;
    for (;;) {
      const char = text.charCodeAt(end);
      if (char === QUOTE) break;
      // The end, and control characters (RFC 8259, section 7).
      if (!(char >= SPACE)) return undefined;
      if (char === BACKSLASH) {
        escaped = true;
        end += 1;
      }
      end += 1;
    }
    this.#at = end + 1;
    const value = escaped ? unescaped(text.slice(offset, end + 1)) : text.slice(offset + 1, end);
    return value === undefined ? undefined : { kind: 'scalar', offset, value, source: value, plain: false };
  }

  #plain(): TextScalar | undefined {
    const offset = this.#at;
    NUMBER.lastIndex = offset;
    const source = NUMBER.exec(this.#text)?.[0] ?? this.#word(offset);
    if (source === undefined) return undefined;
    this.#at += source.length;
    const word = WORDS.get(source);
    return { kind: 'scalar', offset, value: word === undefined ? Number(source) : word, source, plain: true };
  }

  #word(offset: number): string | undefined {
    for (const word of WORDS.keys()) if (this.#text.startsWith(word, offset)) return word;
    return undefined;
  }
}

function unescaped(quoted: string): string | undefined {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
}
