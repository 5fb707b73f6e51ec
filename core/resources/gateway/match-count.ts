/** Gateway API's limit of matches in one route, over all of its rules. */
import type { Report } from '../schema/schema.ts';

const MOST_MATCHES = 128;

export function checkMatchCount(rules: readonly { readonly matches: readonly unknown[] }[], report: Report): void {
  const matches = rules.reduce((sum, { matches: list }) => sum + list.length, 0);
  if (matches > MOST_MATCHES)
    report(
      ['rules'],
      'too-many',
      `at most ${MOST_MATCHES} matches are allowed in a route, found ${matches}`,
      'split the route',
    );
}
