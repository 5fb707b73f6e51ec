/** Says everything that is not as expected of what an engine wrote down about a case: lines of its access log, counters. */
import { readFileSync } from 'node:fs';
import { exchange } from '../http-client/index.ts';
import { until } from '../wait/index.ts';
import type { Case } from './case.ts';

/** Logs and counters come a little later than answers. */
const WAIT = { timeout: 15_000 };

export async function judgeLogs({ logs }: Case, file: string): Promise<string[]> {
  if (logs === undefined) return [];
  let lines: string[] = [];
  const read = (): boolean => {
    lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.length >= logs.length;
  };
  await until(read, WAIT).catch(() => undefined);
  if (logs.some((pattern) => pattern.includes('{{id:')))
    return assigned(logs, lines, new Map())
      ? []
      : [`lines and ids are not as expected: ${JSON.stringify(lines, undefined, 1)}`];
  const faults = logs.flatMap((pattern) => {
    const found = lines.findIndex((line) => new RegExp(pattern).test(line));
    if (found < 0) return [`no line of the log is as /${pattern}/: ${JSON.stringify(lines)}`];
    lines.splice(found, 1);
    return [];
  });
  return lines.length > 0 ? [...faults, `lines of the log that nobody expects: ${JSON.stringify(lines)}`] : faults;
}

/** Whether each pattern has a line of its own and none is left, with one value for each id that they name. */
function assigned(patterns: readonly string[], lines: readonly string[], ids: ReadonlyMap<string, string>): boolean {
  const [pattern, ...others] = patterns;
  if (pattern === undefined) return lines.length === 0;
  const names: string[] = [];
  const expression = new RegExp(
    pattern.replaceAll(/\{\{id:(\w+)\}\}/g, (_, name: string) => {
      const known = ids.get(name);
      if (known !== undefined) return known;
      if (names.includes(name)) return `\\k<${name}>`;
      names.push(name);
      return `(?<${name}>[0-9a-f]+)`;
    }),
  );
  return lines.some((line, index) => {
    const { groups } = expression.exec(line) ?? {};
    if (groups === undefined && !expression.test(line)) return false;
    const found = names.map((name) => [name, groups?.[name] ?? ''] as const);
    // Two names are two ids.
    if (found.some(([, value]) => [...ids.values()].includes(value))) return false;
    return assigned(others, lines.toSpliced(index, 1), new Map([...ids, ...found]));
  });
}

export async function judgeCounters({ counters }: Case, adminPath: string): Promise<string[]> {
  if (counters === undefined) return [];
  let faults: string[] = [];
  const read = async (): Promise<boolean> => {
    const page = (await exchange({ socketPath: adminPath }, { path: '/stats' })).body.toString();
    const values = new Map(page.split('\n').map((line) => line.split(': ', 2) as [string, string]));
    faults = Object.entries(counters).flatMap(([name, wanted]) =>
      values.get(name) === String(wanted) ? [] : [`${name} is ${values.get(name) ?? 'not there'}, expected ${wanted}`],
    );
    return faults.length === 0;
  };
  await until(read, WAIT).catch(() => undefined);
  return faults;
}
