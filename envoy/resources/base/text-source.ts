/** envoy.config.core.v3.DataSource where it is a text. */
import type { TextSource } from '@weft/core/proxy-config';
import { readUtf8 } from '../../codec/index.ts';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';

type Wire = Messages['envoy.config.core.v3.DataSource'];

/** Bytes are taken where they are UTF-8; a watched directory is not. */
export function decodeTextSource(cursor: Cursor<Wire>): TextSource {
  const path = cursor.take('filename');
  if (path !== undefined) return { kind: 'file', path };
  const variable = cursor.take('environment_variable');
  if (variable !== undefined) return { kind: 'environment', variable };
  const bytes = cursor.take('inline_bytes');
  if (bytes === undefined) return { kind: 'inline', text: cursor.take('inline_string') ?? '' };
  const text = readUtf8(bytes, 0, bytes.length);
  if (text === undefined) cursor.fault('inline_bytes', 'unsupported-value', 'only UTF-8 text is supported here');
  return { kind: 'inline', text: text ?? '' };
}

export function encodeTextSource(source: TextSource): Wire {
  switch (source.kind) {
    case 'inline':
      return { inline_string: source.text };
    case 'file':
      return { filename: source.path };
    case 'environment':
      return { environment_variable: source.variable };
  }
}
