/** Texts of peers as JSON strings that can forge neither a line nor a terminal's control. */
import type { MetadataValue } from '@weft/core/proxy-config';

// oxlint-disable-next-line no-control-regex
export const FORGING = /[\u0000-\u001f\u007f-\u009f"\\]/;
export const EVERY_FORGING = new RegExp(FORGING, 'g');
const SURROGATE = /[\ud800-\udfff]/;

/** JSON leaves DEL and the C1 controls as they are, and terminals obey them (U+009B begins an escape sequence). */
export const withoutControls = (json: string): string =>
  /[\u007f-\u009f]/.test(json)
    ? json.replace(/[\u007f-\u009f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
    : json;

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
