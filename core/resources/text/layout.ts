/** Where a field stands in a text: a mapping's entry at its key, a list's item at its first character. */
import { isMap, isPair, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import type { FieldPath } from '../schema/path.ts';
import { asNode } from './value.ts';

/** Both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The offset of the field at `path` below `root`; of the nearest field above it that is there when it is not. */
export function offsetOf(root: Node | null, path: FieldPath): number {
  let node = root;
  let offset = root?.range?.[0] ?? 0;
  for (const part of path) {
    const child = childOf(node, part);
    if (child === undefined) return offset;
    offset = child.offset ?? offset;
    node = child.node;
  }
  return offset;
}

function childOf(
  node: Node | null,
  part: string | number,
): { readonly node: Node | null; readonly offset: number | undefined } | undefined {
  if (isSeq(node) && typeof part === 'number') {
    if (part >= node.items.length) return undefined;
    const item = asNode(node.items[part]);
    return { node: item, offset: item?.range?.[0] };
  }
  if (!isMap(node)) return undefined;
  for (const pair of node.items) {
    if (!isPair(pair)) continue;
    const key = asNode(pair.key);
    if (!isScalar(key) || (key.value !== part && key.source !== part)) continue;
    return { node: asNode(pair.value), offset: key.range?.[0] };
  }
  return undefined;
}

export function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
