/**
 * JSON text from a peer (RFC 8259), stricter than JSON.parse: depth is limited before parsing, duplicate keys (of which JSON.parse keeps
 * the last silently) and `__proto__` are refused with their path. Never throws.
 */
import { err, ok, type Result } from '@weft/core/kernel';

export const MAX_DEPTH = 64;

/** Keys on the way from the root; undefined within a list. */
interface Level {
  readonly seen: Set<string> | undefined;
  key: string;
}

export function parseJson(text: string): Result<unknown, string> {
  const refused = scan(text);
  if (refused !== undefined) return err(refused);
  try {
    return ok(JSON.parse(text));
  } catch (error) {
    return err(`the body is not JSON: ${error instanceof Error ? error.message.slice(0, 200) : ''}`);
  }
}

/** What is wrong beside the grammar, which JSON.parse judges. */
function scan(text: string): string | undefined {
  const levels: Level[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === '{' || char === '[') {
      if (levels.length >= MAX_DEPTH) return `the body is nested deeper than ${MAX_DEPTH} levels`;
      levels.push({ seen: char === '{' ? new Set() : undefined, key: '' });
    } else if (char === '}' || char === ']') levels.pop();
    else if (char === '"') {
      const end = stringEnd(text, index);
      if (end === undefined) return undefined;
      const refused = isKey(text, end) ? refuseKey(levels, text.slice(index, end)) : undefined;
      if (refused !== undefined) return refused;
      index = end - 1;
    }
  }
  return undefined;
}

/** Behind the closing quote of the string that begins at `start`. */
function stringEnd(text: string, start: number): number | undefined {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return undefined;
}

function isKey(text: string, end: number): boolean {
  let index = end;
  while (text[index] === ' ' || text[index] === '\n' || text[index] === '\r' || text[index] === '\t') index += 1;
  return text[index] === ':';
}

function refuseKey(levels: readonly Level[], quoted: string): string | undefined {
  const level = levels.at(-1);
  if (level?.seen === undefined) return undefined;
  let key = quoted.slice(1, -1);
  try {
    key = String(JSON.parse(quoted));
  } catch {
    return undefined;
  }
  level.key = key;
  const path = levels.map(({ seen, key: word }) => (seen === undefined ? '[]' : word)).join('.');
  if (key === '__proto__') return `the field ${path.slice(0, 200)} is not allowed`;
  if (level.seen.has(key)) return `the field ${path.slice(0, 200)} is there twice`;
  level.seen.add(key);
  return undefined;
}
