/** `weft slo`: ServiceLevels as they stand, or as rules for a Prometheus. */
import { prometheusRules } from '@weft/control/service-levels';
import type { LevelState, ServiceLevelsDocument } from '@weft/core/documents';
import type { ServiceLevel } from '@weft/core/resources';
import { stringify } from 'yaml';
import { knownObjects } from '../answers/objects.ts';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { formatTable } from '../cli/table.ts';
import { EXIT_OK, EXIT_REFUSED, UsageError } from '../errors.ts';

export interface SloFlags extends ClientFlags {
  readonly namespace: string;
  readonly allNamespaces?: boolean;
  readonly prometheusRules?: boolean;
  readonly file?: readonly string[];
  readonly output?: string;
}

/** Exit code 1 when a budget burns too fast or is used up. */
export async function slo(flags: SloFlags): Promise<number> {
  if (flags.prometheusRules === true) return rules(flags);
  if (flags.file !== undefined) throw new UsageError('-f goes with --prometheus-rules: files hold no measurements');
  const format = outputFormat(flags.output, ['table', 'json']);
  const client = connect(flags);
  try {
    const { serviceLevels } = (await orFail(
      client.call('GET', '/weft/v1/servicelevels'),
    )) as unknown as ServiceLevelsDocument;
    const shown = serviceLevels.filter(
      ({ namespace }) => flags.allNamespaces === true || namespace === flags.namespace,
    );
    if (format === 'json') process.stdout.write(toJson({ serviceLevels: shown }));
    else if (shown.length === 0) process.stdout.write('no ServiceLevel is measured here yet\n');
    else process.stdout.write(formatTable(HEADERS, shown.flatMap(rowsOf)));
    return shown.some(isBad) ? EXIT_REFUSED : EXIT_OK;
  } finally {
    client.close();
  }
}

const HEADERS = ['NAMESPACE', 'NAME', 'TARGET', 'OBJECTIVE', 'WINDOW', 'GOOD', 'BUDGET LEFT', 'BURNING'];

const isBad = ({ objectives, problem }: LevelState): boolean =>
  problem !== '' ||
  objectives.some(({ budgetLeft, alerts }) => (budgetLeft ?? 1) <= 0 || alerts.some(({ burning }) => burning));

const percent = (share: number | undefined): string => {
  if (share === undefined) return '-';
  // Never 100 where something failed.
  const text = Math.floor(share * 1e6) / 1e4;
  return `${text}%`;
};

function rowsOf({ namespace, name, target, window, objectives, problem }: LevelState): string[][] {
  if (problem !== '') return [[namespace, name, target, '', window, '', '', problem]];
  return objectives.map(({ objective, good, budgetLeft, alerts }) => [
    namespace,
    name,
    target,
    objective,
    window,
    percent(good),
    percent(budgetLeft),
    alerts
      .filter(({ burning }) => burning)
      .map(({ severity, burnLong }) => `${severity} (${burnLong?.toFixed(1) ?? '?'}x)`)
      .join(', ') || 'no',
  ]);
}

async function rules(flags: SloFlags): Promise<number> {
  const known = await knownObjects(flags);
  try {
    const levels = known.objects.filter((object): object is ServiceLevel => object.kind === 'ServiceLevel');
    process.stdout.write(stringify(prometheusRules(levels)));
    return EXIT_OK;
  } finally {
    known.close();
  }
}
