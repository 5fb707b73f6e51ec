/** Names of rules: shown in logs, metrics and `weft config`; unique in their route. */
import { dnsSubdomain } from '../schema/formats.ts';
import type { Report } from '../schema/schema.ts';
import { optional, string } from '../schema/schema.ts';

export const ruleName = optional(
  string({ format: dnsSubdomain }),
  'A name for the rule, unique in the route; shown in logs and in `weft config`.',
);

export function checkRuleNames(rules: readonly { readonly name?: string | undefined }[], report: Report): void {
  const seen = new Map<string, number>();
  for (const [index, { name }] of rules.entries()) {
    if (name === undefined) continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else
      report(
        ['rules', index, 'name'],
        'duplicate-entry',
        `the same \`name\` as rule ${first}`,
        'give each rule its own',
      );
  }
}
