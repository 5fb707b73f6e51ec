/** Where each row of the attack list that concerns the wire is tested (e2e/attack-rows.yaml), or why it is not. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { readAttacks } from './attack.ts';

export interface RowTest {
  /** From the root of the repository. */
  readonly file: string;
  /** How a test's title in it begins; '': all of the file. */
  readonly title: string;
}

export interface AttackRow {
  readonly row: number;
  readonly tests: readonly RowTest[];
  readonly how: string;
  /** Why it does not apply; '' where it does. */
  readonly why: string;
}

const root = path.resolve(import.meta.dirname, '../..');

/** Rows of the list. */
export const WIRE_ROWS: readonly number[] = Array.from({ length: 90 }, (_, index) => index + 1);

/** One entry a row, in order; those without any are left out. */
export function readAttackRows(): readonly AttackRow[] {
  const file = path.join(root, 'e2e/attack-rows.yaml');
  const { rows } = parse(readFileSync(file, 'utf8')) as { readonly rows: readonly Partial<AttackRow>[] };
  const cases: readonly (readonly [string, string])[] = [
    ...globSync('e2e/attacks/*.yaml', { cwd: root }).map((name) => [name, 'e2e/attacks.test.ts'] as const),
    ['e2e/attacks-http2/messages.yaml', 'e2e/attacks-http2.test.ts'],
  ];
  const byCases = new Map<number, RowTest[]>();
  for (const [name, test] of cases)
    for (const { row, title } of readAttacks(path.join(root, name)))
      byCases.set(row, [...(byCases.get(row) ?? []), { file: test, title: `${row}: ${title}` }]);
  return WIRE_ROWS.flatMap((row): AttackRow[] => {
    const own = rows.filter((one) => one.row === row);
    const tests = [...(byCases.get(row) ?? []), ...own.flatMap((one) => one.tests ?? [])];
    const text = (key: 'how' | 'why'): string =>
      own
        .map((one) => one[key] ?? '')
        .filter(Boolean)
        .join('; ');
    return tests.length === 0 && text('why') === '' ? [] : [{ row, tests, how: text('how'), why: text('why') }];
  });
}
