/**
 * HTTPPathModifier (Gateway API) as Envoy's path rewrites. Envoy puts a replacement where the matched prefix stood, byte for byte; Gateway
 * API replaces path elements. The two differ where prefix or replacement end with `/`: an expression then says what is meant.
 */
import type { HttpMatchRow, PathChange } from '@weft/core/mesh-view';

export type PathRewrite =
  | { readonly kind: 'full'; readonly value: string }
  | { readonly kind: 'prefix'; readonly value: string }
  | { readonly kind: 'regex'; readonly regex: string; readonly substitution: string };

export function pathRewrite(change: PathChange, { path }: HttpMatchRow): PathRewrite {
  if (change.kind !== 'prefix') return change;
  const prefix = path.kind === 'prefix' ? path.value : '/';
  const bare = change.value.endsWith('/') ? change.value.slice(0, -1) : change.value;
  if (prefix === '/') return { kind: 'regex', regex: '^/', substitution: literal(`${bare}/`) };
  if (bare === change.value && bare !== '') return { kind: 'prefix', value: bare };
  const matched = path.ignoreCase === true ? `(?i:${escaped(prefix)})` : escaped(prefix);
  return { kind: 'regex', regex: `^${matched}/?`, substitution: literal(`${bare}/`) };
}

/** RE2: every character that means something stands for itself. */
export const escaped = (text: string): string => text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&');

/** RE2 substitutions: `\1` is a group, `\\` a backslash. */
export const literal = (text: string): string => text.replaceAll('\\', '\\\\');
