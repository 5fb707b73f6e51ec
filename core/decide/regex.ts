/** Regular expressions in linear time (RE2 syntax, as Envoy's), never the language's own: configuration may come from tenants. */
import type { RE2JS } from 're2js';
import { re2 } from './re2.ts';

/** Longest accepted expression, in characters. */
export const MAX_REGEX_LENGTH = 4096;

export interface LinearRegex {
  /** Whether the whole of `text` matches. */
  matches(text: string): boolean;
  /** `text` with every match replaced by `substitution`, in which `\1` to `\9` are groups, `\0` the match and `\\` a backslash. */
  replace(text: string, substitution: string): string;
}

/** Undefined when the expression is malformed or too long. */
export function linearRegex(source: string, ignoreCase = false): LinearRegex | undefined {
  if (source.length > MAX_REGEX_LENGTH) return undefined;
  let compiled: RE2JS;
  try {
    const engine = re2();
    compiled = engine.compile(source, ignoreCase ? engine.CASE_INSENSITIVE : 0);
  } catch {
    return undefined;
  }
  return {
    matches: (text) => compiled.testExact(text),
    replace(text, substitution) {
      const matcher = compiled.matcher(text);
      let made = '';
      let from = 0;
      while (matcher.find()) {
        made += text.slice(from, matcher.start()) + expand(substitution, (group) => groupOf(matcher, group));
        from = matcher.end();
      }
      return made + text.slice(from);
    },
  };
}

function groupOf(matcher: ReturnType<RE2JS['matcher']>, group: number): string {
  return group <= matcher.groupCount() ? (matcher.group(group) ?? '') : '';
}

function expand(substitution: string, group: (number: number) => string): string {
  let made = '';
  for (let i = 0; i < substitution.length; i += 1) {
    const character = substitution.charAt(i);
    if (character !== '\\' || i + 1 === substitution.length) {
      made += character;
      continue;
    }
    i += 1;
    const escaped = substitution.charAt(i);
    made += escaped >= '0' && escaped <= '9' ? group(Number(escaped)) : escaped;
  }
  return made;
}
