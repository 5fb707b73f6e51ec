/** A JSON object that has one reading: UTF-8, each name once, bounded depth. Everything else is undefined. */
import type { MetadataStruct } from '@weft/core/proxy-config';

const MOST_LEVELS = 64;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function jsonObject(bytes: Uint8Array): MetadataStruct | undefined {
  let value: unknown;
  try {
    const text = UTF8.decode(bytes);
    if (!namesAreUnique(text)) return undefined;
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as MetadataStruct) : undefined;
}

/** Of text that is JSON; what is not is left to the parser. */
function namesAreUnique(text: string): boolean {
  /** Names of each object that is open, undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let atName = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case 34: {
        const end = endOfString(text, at);
        if (atName && !added(open.at(-1), text.slice(at, end + 1))) return false;
        atName = false;
        at = end;
        break;
      }
      case 123:
      case 91:
        if (open.length === MOST_LEVELS) return false;
        atName = text.charCodeAt(at) === 123;
        open.push(atName ? new Set() : undefined);
        break;
      case 125:
      case 93:
        open.pop();
        atName = false;
        break;
      case 44:
        atName = open.at(-1) !== undefined;
    }
  }
  return true;
}

/** The closing quote, or the text's end. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 34) return at;
    if (code === 92) at += 1;
  }
  return text.length;
}

function added(names: Set<string> | undefined, written: string): boolean {
  if (names === undefined) return true;
  const name = written.includes('\\') ? String(JSON.parse(written)) : written.slice(1, -1);
  if (names.has(name)) return false;
  names.add(name);
  return true;
}
