// docs/reference/findings.md: every numbered finding of `weft check`, from core/kernel/finding-codes.ts.
import { FINDING_CODES } from '@weft/core/kernel';

export function outputs() {
  const lines = [
    '# Findings of `weft check`',
    '',
    'Generated from `core/kernel/finding-codes.ts` by `npm run generate`. Numbers stay what they are. Faults of a single field have no number: their message says all.',
    '',
  ];
  for (const { number, code, doc, remedy } of FINDING_CODES)
    lines.push(`## ${number}`, '', `\`${code}\`: ${doc}`, '', `What to do: ${remedy}`, '');
  return new Map([['docs/reference/findings.md', `${lines.join('\n').trimEnd()}\n`]]);
}
