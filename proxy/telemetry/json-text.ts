/** Texts of peers as JSON strings that can forge neither a line nor a terminal's control, and turn no text around. */
import type { MetadataValue } from '@weft/core/proxy-config';

// oxlint-disable-next-line no-control-regex
export const FORGING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069"\\]/;
export const EVERY_FORGING = new RegExp(FORGING, 'g');
const SURROGATE = /[\ud800-\udfff]/;

/**
 * JSON leaves DEL, the C1 controls and what ends lines or turns the direction of text as they are; terminals obey them (U+009B begins an escape
 * sequence).
 */
export const withoutControls = (json: string): string =>
  LEFT.test(json) ? json.replace(EVERY_LEFT, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`) : json;

const LEFT = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;
const EVERY_LEFT = new RegExp(LEFT, 'g');

/** A JSON string of a text, without controls; most texts need no escape. */
export function jsonText(text: string): string {
  if (!FORGING.test(text) && !SURROGATE.test(text)) return `"${text}"`;
  return withoutControls(JSON.stringify(text));
}

/** A value as JSON, the names of objects in their order. */
export function sortedJson(value: MetadataValue): string {
  if (typeof value === 'string') return jsonText(value);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly MetadataValue[]).map(sortedJson).join(',')}]`;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, inner]) => `${jsonText(key)}:${sortedJson(inner)}`).join(',')}}`;
}
