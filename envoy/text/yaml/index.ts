/**
 * A YAML text as a tree. Reads YAML 1.2; what Envoy's YAML 1.1 reader sees otherwise is told apart later. The only place of this layer's readers that loads
 * `yaml`: who knows its text to be JSON never pays for it.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node } from 'yaml';
import { jsonSource } from '../json.ts';
import { SourceText } from '../source.ts';
import type { TextAlias, TextNode, TextScalar, TextValue } from '../tree.ts';

/** A text in either language. */
export const textSource = (text: string, file: string): SourceText => jsonSource(text, file) ?? yamlSource(text, file);

export function yamlSource(text: string, file: string): SourceText {
  const document = parseDocument(text, {
    uniqueKeys: false,
    prettyErrors: false,
    keepSourceTokens: false,
    merge: false,
  });
  const faults = document.errors.map((error) => ({
    offset: error.pos[0],
    message: error.message.split('\n')[0] ?? 'malformed',
  }));
  const root = faults.length > 0 ? null : new TreeBuilder(document).node(document.contents);
  return new SourceText({ text, file, root, faults });
}

/** Turns the library's nodes into ours. */
class TreeBuilder {
  readonly #document: Document.Parsed;
  /** Ours by the library's: aliases share what they stand for. */
  readonly #built = new Map<unknown, TextNode | null>();

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  node(given: unknown): TextNode | null {
    const known = this.#built.get(given);
    if (known !== undefined) return known;
    const made = this.#make(given);
    this.#built.set(given, made);
    return made;
  }

  #make(given: unknown): TextNode | null {
    const offset = startOf(given);
    if (isAlias(given)) {
      // What carries an anchor is no alias itself.
      return new Alias(offset, () => this.node(given.resolve(this.#document)) as TextValue | null);
    }
    if (isMap(given)) {
      const pairs = given.items.map(({ key, value }) => ({
        key: keyText(key),
        offset: startOf(key),
        value: this.node(value),
      }));
      return { kind: 'map', offset, pairs };
    }
    if (isSeq(given)) return { kind: 'list', offset, items: given.items.map((item) => this.node(item)) };
    return isScalar(given) ? scalar(given.value, given.source, given.type, offset) : null;
  }
}

/** Resolved when asked: an anchored node may hold its own alias. */
class Alias implements TextAlias {
  readonly kind = 'alias';
  readonly offset: number;
  readonly #target: () => TextValue | null;

  constructor(offset: number, target: () => TextValue | null) {
    this.offset = offset;
    this.#target = target;
  }

  get target(): TextValue | null {
    return this.#target();
  }
}

const scalar = (value: unknown, source: string | undefined, type: string | undefined, offset: number): TextScalar => ({
  kind: 'scalar',
  offset,
  value: isPlainValue(value) ? value : String(value),
  source: String(source ?? value),
  plain: type === 'PLAIN' || type === undefined,
});

const isPlainValue = (value: unknown): value is TextScalar['value'] =>
  value === null || ['boolean', 'number', 'bigint', 'string'].includes(typeof value);

const keyText = (node: unknown): string => (isScalar(node) ? String(node.source ?? node.value) : String(node));

/** Offset of a node in the text; 0 when it has none. */
const startOf = (node: unknown): number => (node as Node | null | undefined)?.range?.[0] ?? 0;
