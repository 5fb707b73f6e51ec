/** Regular expressions of routes: RE2's syntax, matched in linear time against the whole value. */
import { re2 } from '../../decide/re2.ts';
import type { Report } from '../schema/schema.ts';

/**
 * Instructions a compiled expression may have: matching costs at most so many steps a character. Envoy's own limit (runtime
 * `re2.max_program_size.error_level`) is 100 unless its bootstrap raises it.
 */
export const MAX_PROGRAM_SIZE = 1000;

/** undefined when `regex` compiles under RE2 within the limit, else the reason. */
export function regexError(regex: string): string | undefined {
  try {
    const size = re2().compile(regex).programSize();
    return size <= MAX_PROGRAM_SIZE
      ? undefined
      : `it has ${size} instructions, at most ${MAX_PROGRAM_SIZE} are allowed`;
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
      'RE2 has no look-around and no backreferences; keep repetitions small',
    );
  }
}
