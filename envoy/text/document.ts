/** A YAML or JSON text with the places of its nodes. Reads YAML 1.2; what Envoy's YAML 1.1 reader sees otherwise is told apart later. */
import type { Diagnostic } from '@weft/core/kernel';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { nameOfTypeUrl } from '../tables/index.ts';
import type { EnvoyFault } from '../errors.ts';
import type { Segment } from '../codec/index.ts';

export class SourceText {
  readonly file: string;
  readonly document: Document.Parsed;
  readonly #lines = new LineCounter();

  constructor(text: string, file: string) {
    this.file = file;
    this.document = parseDocument(text, {
      lineCounter: this.#lines,
      uniqueKeys: false,
      prettyErrors: false,
      keepSourceTokens: false,
      merge: false,
    });
  }

  /** What is wrong with the text as YAML. */
  syntaxFaults(): Diagnostic[] {
    return this.document.errors.map((error) => ({
      severity: 'error',
      code: 'malformed-text' satisfies EnvoyFault,
      message: error.message.split('\n')[0] ?? 'malformed',
      place: { file: this.file, ...this.position(error.pos[0]) },
    }));
  }

  position(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** The node that an alias stands for, or the node itself. */
  resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.document) : node;
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
    let node: unknown = this.document.contents;
    let offset = startOf(node);
    for (const segment of segments) {
      node = this.resolve(node);
      if (typeof segment === 'number') {
        if (!isSeq(node)) break;
        node = node.items[segment];
        offset = startOf(node) || offset;
        continue;
      }
      const pair = this.#pairOf(node, typeof segment === 'string' ? segment : segment.key);
      if (pair === undefined) break;
      offset = startOf(pair.key) || offset;
      node = pair.value;
    }
    return offset;
  }

  /** The pair of that key, in either spelling; through the value of a TypedStruct. */
  #pairOf(node: unknown, name: string): { key: unknown; value: unknown } | undefined {
    if (!isMap(node)) return undefined;
    const find = (wanted: string): { key: unknown; value: unknown } | undefined =>
      node.items.find((pair) => keyText(pair.key) === wanted);
    const camel = name.replace(/_(.)/g, (_, char: string) => char.toUpperCase());
    const found = find(name) ?? find(camel);
    if (found !== undefined) return found;
    const type = find('@type');
    const inner = type === undefined ? undefined : find('value');
    if (inner === undefined || !nameOfTypeUrl(keyText(type?.value)).endsWith('TypedStruct')) return undefined;
    return this.#pairOf(this.resolve(inner.value), name);
  }
}

export const keyText = (node: unknown): string => (isScalar(node) ? String(node.source ?? node.value) : String(node));

/** Offset of a node in the text; 0 when it has none. */
export const startOf = (node: unknown): number => (node as Node | null | undefined)?.range?.[0] ?? 0;

const SEGMENT = /(?:^|\.)([^.[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g;

/** The segments of a path's text (codec Path). */
export function segmentsOf(path: string): Segment[] {
  return [...path.matchAll(SEGMENT)].map((match) => {
    if (match[2] !== undefined) return Number(match[2]);
    if (match[3] !== undefined) return { key: String(JSON.parse(match[3])) };
    return match[1] ?? '';
  });
}
