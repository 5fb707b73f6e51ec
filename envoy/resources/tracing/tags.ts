/** envoy.type.tracing.v3.CustomTag: attributes of spans that a configuration adds. */
import type { CustomTag, TagValue } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { some } from '../base/encoding.ts';

type Wire = Messages['envoy.type.tracing.v3.CustomTag'];
type WireMetadata = Messages['envoy.type.tracing.v3.CustomTag.Metadata'];
type WireKind = NonNullable<WireMetadata['kind']>;
type Of = Extract<TagValue, { kind: 'metadata' }>['of'];

const NOTHING: TagValue = { kind: 'literal', value: '' };

/** The tags of a list; of two with one name the later counts, as in Envoy. */
export function takeTags(cursor: Cursor<{ readonly custom_tags?: readonly Wire[] | undefined }>): readonly CustomTag[] {
  const made = new Map<string, CustomTag>();
  for (const tag of cursor.each('custom_tags', decodeTag)) {
    made.delete(tag.name);
    made.set(tag.name, tag);
  }
  return [...made.values()];
}

export const encodeTags = (tags: readonly CustomTag[]): readonly Wire[] | undefined => some(tags.map(encodeTag));

function decodeTag(cursor: Cursor<Wire>): CustomTag {
  cursor.only('value_type', 'STRING');
  const name = cursor.take('tag') ?? '';
  if (name === '') cursor.fault('tag', 'missing-field', 'a tag needs a name');
  const value =
    cursor.within('literal', (literal): TagValue => ({ kind: 'literal', value: literal.take('value') ?? '' })) ??
    cursor.within(
      'environment',
      (variable): TagValue => ({
        kind: 'environment',
        name: variable.take('name') ?? '',
        fallback: variable.take('default_value') ?? '',
      }),
    ) ??
    cursor.within(
      'request_header',
      (header): TagValue => ({
        kind: 'request-header',
        name: (header.take('name') ?? '').toLowerCase(),
        fallback: header.take('default_value') ?? '',
      }),
    ) ??
    cursor.within('metadata', decodeMetadata) ??
    formatOf(cursor);
  return { name, value: value ?? NOTHING };
}

function formatOf(cursor: Cursor<Wire>): TagValue | undefined {
  const format = cursor.take('value');
  return format === undefined ? undefined : { kind: 'format', format };
}

function decodeMetadata(cursor: Cursor<WireMetadata>): TagValue {
  const of = cursor.within(
    'kind',
    (kind): Of | undefined =>
      kind.within('request', (): Of => 'request') ??
      kind.within('route', (): Of => 'route') ??
      kind.within('cluster', (): Of => 'cluster') ??
      kind.within('host', (): Of => 'host'),
  );
  if (of === undefined) cursor.fault('kind', 'missing-field', 'whose metadata: request, route, cluster or host');
  const where = cursor.within('metadata_key', (key) => ({
    namespace: key.take('key') ?? '',
    path: key.each('path', (segment) => segment.take('key') ?? ''),
  }));
  return {
    kind: 'metadata',
    of: of ?? 'request',
    namespace: where?.namespace ?? '',
    path: where?.path ?? [],
    fallback: cursor.take('default_value') ?? '',
  };
}

function encodeTag({ name, value }: CustomTag): Wire {
  switch (value.kind) {
    case 'literal':
      return { tag: name, literal: { value: value.value } };
    case 'environment':
      return { tag: name, environment: { name: value.name, default_value: value.fallback || undefined } };
    case 'request-header':
      return { tag: name, request_header: { name: value.name, default_value: value.fallback || undefined } };
    case 'metadata':
      return {
        tag: name,
        metadata: {
          kind: kindOf(value.of),
          metadata_key: { key: value.namespace, path: value.path.map((key) => ({ key })) },
          default_value: value.fallback || undefined,
        },
      };
    case 'format':
      return { tag: name, value: value.format };
  }
}

function kindOf(of: Of): WireKind {
  switch (of) {
    case 'request':
      return { request: {} };
    case 'route':
      return { route: {} };
    case 'cluster':
      return { cluster: {} };
    case 'host':
      return { host: {} };
  }
}
