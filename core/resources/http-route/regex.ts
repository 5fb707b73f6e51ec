/** Regular expressions of routes: RE2's syntax, matched in linear time against the whole value. */
import { RE2JS } from 're2js';
import type { Report } from '../schema/schema.ts';

/** undefined when `regex` compiles under RE2, else the reason. */
export function regexError(regex: string): string | undefined {
  try {
    RE2JS.compile(regex);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function checkRegex(value: string, report: Report): void {
  const reason = regexError(value);
  if (reason !== undefined) {
    report(
      ['value'],
      'invalid-regex',
      `not a regular expression of RE2: ${reason}`,
      'RE2 has no look-around and no backreferences',
    );
  }
}
