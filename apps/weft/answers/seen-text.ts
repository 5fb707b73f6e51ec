/** Differences between what happened and what would, as text. */
import type { SeenDifference, SeenPlan } from '@weft/compile/answers';
import type { PlaceOf } from './format.ts';

const TITLES: Readonly<Record<SeenDifference['kind'], string>> = {
  plaintext: 'WOULD LOSE mTLS',
  denied: 'WOULD BE DENIED',
  gone: 'WOULD HAVE NO ANSWER',
  allowed: 'would be allowed',
  otherwise: 'would be answered otherwise',
  rerouted: 'would go elsewhere',
  encrypted: 'would be encrypted',
};

/** Differences that are written out. */
const SHOWN = 50;

/** `what`: of which requests, such as `seen in the last 1h`. */
export async function seenText(what: string, plan: SeenPlan, placeOf: PlaceOf): Promise<string> {
  const lines: string[] = [];
  const { differences, requests, asked, unasked } = plan;
  let kind = '';
  for (const difference of differences.slice(0, SHOWN)) {
    if (difference.kind !== kind) lines.push('', `${TITLES[difference.kind]}:`);
    kind = difference.kind;
    const { caller, gateway, service, port, method, path, count, shapes, before, after, source, example } = difference;
    const who = caller === '' ? 'callers outside the mesh' : caller;
    const request = method === '' ? 'TCP' : `${method} ${path}`;
    lines.push(
      `  ${count} x ${who} -> ${gateway ? 'gateway ' : ''}${service}${port === undefined ? '' : `:${port}`} ${request}${shapes > 1 ? ` and ${shapes - 1} more like it` : ''}`,
      `      ${before} -> ${after}`,
    );
    if (source !== undefined) {
      const place = await placeOf(source);
      lines.push(`      by ${source}${place === '' ? '' : ` (${place})`}`);
    }
    lines.push(`      example: ${example}`);
  }
  if (differences.length > SHOWN) lines.push('', `and ${differences.length - SHOWN} more (-o json shows all)`);
  const touched = differences.reduce((sum, { count }) => sum + count, 0);
  lines.push(
    '',
    `of ${requests} requests ${what}, ${touched === 0 ? 'none would fare otherwise' : `${touched} would fare otherwise`} (${asked} questions)`,
    ...unasked.map(({ reason, count }) => `not asked about: ${count}, since ${reason}`),
  );
  return `${lines.join('\n')}\n`;
}
