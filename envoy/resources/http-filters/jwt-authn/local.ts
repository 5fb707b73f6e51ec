/**
 * A JWK set in the configuration (RFC 7517, 5) as far as its form goes: whether its keys can be used says the engine, which has the means. Envoy
 * refuses a provider whose set has no usable key.
 */
import type { LocalJwtKeys } from '@weft/core/proxy-config';
import type { Messages } from '../../../tables/index.ts';
import type { Cursor } from '../../base/cursor.ts';
import { decodeTextSource } from '../../base/text-source.ts';

type Wire = Messages['envoy.config.core.v3.DataSource'];

export function decodeLocal(cursor: Cursor<Wire>): LocalJwtKeys {
  const source = decodeTextSource(cursor);
  const fault = source.kind === 'inline' ? faultOf(source.text) : undefined;
  if (fault !== undefined) cursor.refuse('invalid-value', fault, 'a JWK set has the form {"keys": [{"kty": ...}]}');
  return { kind: 'local', source };
}

const KINDS = new Set(['RSA', 'EC', 'OKP', 'oct']);

function faultOf(text: string): string | undefined {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    return 'the JWK set is no JSON';
  }
  if (typeof set !== 'object' || set === null || Array.isArray(set)) return 'the JWK set is no JSON object';
  if (!('keys' in set)) return Object.keys(set).length === 0 ? 'the JWK set has no keys' : undefined;
  const { keys } = set;
  if (!Array.isArray(keys)) return 'keys of the JWK set is no list';
  return keys.some(isKey) ? undefined : 'the JWK set has no key of a kind that is known';
}

const isKey = (key: unknown): boolean =>
  typeof key === 'object' && key !== null && 'kty' in key && KINDS.has(String(key.kty));
