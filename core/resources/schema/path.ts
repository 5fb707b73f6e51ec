/**
 * Field paths: `spec.rules[0].matches[1].path.value`, `metadata.labels["weft.dev/mesh"]`. The form Kubernetes prints, with quotes
 * around keys that are no plain word.
 */
import { safeJson } from './printable.ts';

export type FieldPath = readonly (string | number)[];

/** A longer key is cut: the path then leads to the mapping that holds it. No valid key is as long. */
const LONGEST_KEY = 320;

const WORD = /^[A-Za-z_][A-Za-z0-9_-]*$/;

export function formatPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (WORD.test(part) && part.length <= LONGEST_KEY) text += text === '' ? part : `.${part}`;
    else text += `[${safeJson(part.slice(0, LONGEST_KEY))}]`;
  }
  return text;
}

const PART = /\.?([A-Za-z_][A-Za-z0-9_-]*)|\[(\d{1,9})\]|\[("(?:[^"\\]|\\.)*")\]/y;

/** The inverse of `formatPath`; undefined when `text` is no field path. */
export function parsePath(text: string): FieldPath | undefined {
  const path: (string | number)[] = [];
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (match === null) return undefined;
    const [, word, index, quoted] = match;
    if (word !== undefined) path.push(word);
    else if (index !== undefined) path.push(Number(index));
    else {
      const key = unquote(quoted ?? '');
      if (key === undefined) return undefined;
      path.push(key);
    }
  }
  return path;
}

function unquote(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
