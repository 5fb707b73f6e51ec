/** A YAML or JSON text as a tree: what the text says with the offset of each node, and nothing of the library that parsed it. */

export type TextNode = TextValue | TextAlias;
export type TextValue = TextMap | TextList | TextScalar;

export interface TextMap {
  readonly kind: 'map';
  readonly offset: number;
  /** In the order of the text; a key that stands there twice is there twice. */
  readonly pairs: readonly TextPair[];
}

export interface TextPair {
  readonly key: string;
  /** Of the key. */
  readonly offset: number;
  /** null: the text ends behind the key. */
  readonly value: TextNode | null;
}

export interface TextList {
  readonly kind: 'list';
  readonly offset: number;
  readonly items: readonly (TextNode | null)[];
}

export interface TextScalar {
  readonly kind: 'scalar';
  readonly offset: number;
  readonly value: null | boolean | number | bigint | string;
  /** As it is written, without its quotes. */
  readonly source: string;
  /** Without quotes. */
  readonly plain: boolean;
}

/** A YAML alias; what it stands for may hold it in turn. */
export interface TextAlias {
  readonly kind: 'alias';
  readonly offset: number;
  readonly target: TextValue | null;
}

const NOUNS = { map: 'a mapping', list: 'a list' } as const;

/** A scalar as it is written; other nodes by what they are. */
export function sourceOf(node: TextNode | null | undefined): string {
  if (node === null || node === undefined) return 'nothing';
  if (node.kind === 'alias') return sourceOf(node.target);
  return node.kind === 'scalar' ? node.source : NOUNS[node.kind];
}
