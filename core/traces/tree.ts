/** Spans of a trace as a person reads them: each below the one that it is a child of. */
import type { KeptSpan } from './span.ts';

export interface PlacedSpan {
  readonly span: KeptSpan;
  /** 0: at the left. */
  readonly depth: number;
  /** It has a parent, which is not among the spans. */
  readonly orphan: boolean;
}

/** From the first beginning to the last end; ms. */
export function extent(spans: readonly KeptSpan[]): { readonly start: number; readonly length: number } {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const span of spans) {
    start = Math.min(start, span.start);
    end = Math.max(end, span.start + span.duration);
  }
  return spans.length === 0 ? { start: 0, length: 0 } : { start, length: end - start };
}

/** Every span once, in the order of `spans` among those of one parent; parents that name each other in a ring end nowhere. */
export function spanTree(spans: readonly KeptSpan[]): PlacedSpan[] {
  const children = new Map<string, KeptSpan[]>();
  const ids = new Set(spans.map(({ id }) => id));
  for (const span of spans) children.set(span.parent, [...(children.get(span.parent) ?? []), span]);
  const placed: PlacedSpan[] = [];
  const seen = new Set<KeptSpan>();
  const place = (span: KeptSpan, depth: number): void => {
    if (seen.has(span)) return;
    seen.add(span);
    placed.push({ span, depth, orphan: depth === 0 && span.parent !== '' && !ids.has(span.parent) });
    for (const child of children.get(span.id) ?? []) place(child, depth + 1);
  };
  for (const span of spans) if (span.parent === '' || !ids.has(span.parent)) place(span, 0);
  for (const span of spans) place(span, 0);
  return placed;
}

/** '' when it has none of that name. */
export const attributeOf = ({ attributes }: KeptSpan, name: string): string =>
  attributes.find(([key]) => key === name)?.[1] ?? '';
