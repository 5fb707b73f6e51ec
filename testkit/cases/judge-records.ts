/** Says everything that is not as expected of what an engine wrote down about a case: lines of its access log, counters. */
import { readFileSync } from 'node:fs';
import { exchange } from '../http-client/index.ts';
import { until } from '../wait/index.ts';
import type { Case } from './case.ts';

/** Logs and counters come a little later than answers. */
const WAIT = { timeout: 4000 };

export async function judgeLogs({ logs }: Case, file: string): Promise<string[]> {
  if (logs === undefined) return [];
  let lines: string[] = [];
  const read = (): boolean => {
    lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return lines.length >= logs.length;
  };
  await until(read, WAIT).catch(() => undefined);
  const faults = logs.flatMap((pattern) => {
    const found = lines.findIndex((line) => new RegExp(pattern).test(line));
    if (found < 0) return [`no line of the log is as /${pattern}/: ${JSON.stringify(lines)}`];
    lines.splice(found, 1);
    return [];
  });
  return lines.length > 0 ? [...faults, `lines of the log that nobody expects: ${JSON.stringify(lines)}`] : faults;
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
