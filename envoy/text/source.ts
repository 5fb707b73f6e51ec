/** A YAML or JSON text that was parsed: its tree, what is wrong with it, and the places of its nodes. */
import type { Diagnostic } from '@weft/core/kernel';
import type { EnvoyFault } from '../errors.ts';
import type { Segment } from '../codec/index.ts';
import { nameOfTypeUrl } from '../tables/index.ts';
import { sourceOf, type TextNode, type TextPair, type TextValue } from './tree.ts';

export interface ParsedText {
  readonly text: string;
  readonly file: string;
  /** null: the text says nothing. */
  readonly root: TextNode | null;
  /** What is wrong with the text itself, as offset and message. */
  readonly faults: readonly { readonly offset: number; readonly message: string }[];
}

export class SourceText {
  readonly file: string;
  readonly root: TextNode | null;
  readonly #text: string;
  readonly #faults: ParsedText['faults'];

  constructor({ text, file, root, faults }: ParsedText) {
    this.file = file;
    this.root = root;
    this.#text = text;
    this.#faults = faults;
  }

  syntaxFaults(): Diagnostic[] {
    return this.#faults.map(({ offset, message }) => ({
      severity: 'error',
      code: 'malformed-text' satisfies EnvoyFault,
      message,
      place: { file: this.file, ...this.position(offset) },
    }));
  }

  /** Line and column from 1. Counted anew each time: only findings ask, and they are few (MAX_FAULTS). */
  position(offset: number): { line: number; column: number } {
    let line = 1;
    let start = 0;
    for (let end = this.#text.indexOf('\n'); end !== -1 && end < offset; end = this.#text.indexOf('\n', start)) {
      line += 1;
      start = end + 1;
    }
    return { line, column: offset - start + 1 };
  }

  /** Adds file, line and column to findings that know only a path; the nearest node that is there counts. */
  locate(diagnostics: readonly Diagnostic[]): Diagnostic[] {
    return diagnostics.map((diagnostic) => {
      if (diagnostic.place.line !== undefined) return diagnostic;
      const offset = this.#offsetOf(segmentsOf(diagnostic.place.path ?? ''));
      return { ...diagnostic, place: { ...diagnostic.place, file: this.file, ...this.position(offset) } };
    });
  }

  #offsetOf(segments: readonly Segment[]): number {
    let node = this.root;
    let offset = node?.offset ?? 0;
    for (const segment of segments) {
      node = resolved(node);
      if (typeof segment === 'number') {
        if (node?.kind !== 'list') break;
        node = node.items[segment] ?? null;
        offset = node?.offset ?? offset;
        continue;
      }
      const pair = pairOf(node, typeof segment === 'string' ? segment : segment.key);
      if (pair === undefined) break;
      offset = pair.offset;
      node = pair.value;
    }
    return offset;
  }
}

/** The node that an alias stands for, or the node itself. */
export const resolved = (node: TextNode | null): TextValue | null => (node?.kind === 'alias' ? node.target : node);

/** The pair of that key, in either spelling; through the value of a TypedStruct. */
function pairOf(node: TextNode | null, name: string): TextPair | undefined {
  if (node?.kind !== 'map') return undefined;
  const find = (wanted: string): TextPair | undefined => node.pairs.find(({ key }) => key === wanted);
  const camel = name.replace(/_(.)/g, (_, char: string) => char.toUpperCase());
  const found = find(name) ?? find(camel);
  if (found !== undefined) return found;
  const type = find('@type');
  const inner = type === undefined ? undefined : find('value');
  if (inner === undefined || !nameOfTypeUrl(sourceOf(type?.value)).endsWith('TypedStruct')) return undefined;
  return pairOf(resolved(inner.value), name);
}

const SEGMENT = /(?:^|\.)([^.[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g;

/** The segments of a path's text (codec Path). */
export function segmentsOf(path: string): Segment[] {
  return [...path.matchAll(SEGMENT)].map((match) => {
    if (match[2] !== undefined) return Number(match[2]);
    if (match[3] !== undefined) return { key: String(JSON.parse(match[3])) };
    return match[1] ?? '';
  });
}
