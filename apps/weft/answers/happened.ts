/** `--seen` and `--replay` of `weft plan`: requests that happened, asked of the mesh before and after a change. */
import { callerKeyOf, compareHappened, type SeenPlan, type World } from '@weft/compile/answers';
import type { SeenDocument } from '@weft/core/documents';
import { formatDuration, parseDuration } from '@weft/core/kernel';
import type { StoredObject } from '@weft/core/resources';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { CommandError, UsageError } from '../errors.ts';
import type { PlaceOf } from './format.ts';
import { callerName, serviceName } from './question.ts';
import { type Replayed, replayed, type ReplayDefaults } from './replay.ts';
import { seenOf } from './seen.ts';
import { seenText } from './seen-text.ts';

export interface HappenedFlags extends ClientFlags {
  readonly before?: readonly string[];
  readonly namespace: string;
  readonly seen?: boolean;
  readonly window?: string;
  readonly replay?: string;
  readonly from?: string;
  readonly to?: string;
}

export interface Lately {
  /** Keys of who called, as far as that is known before there is a mesh to ask. */
  readonly callers: readonly string[];
  compare(before: World, after: World): Compared;
}

export interface Compared {
  readonly json: {
    readonly seen?: SeenPlan;
    readonly replay?: SeenPlan & { readonly lines: number; readonly faulty: number };
  };
  text(placeOf: PlaceOf): Promise<string>;
}

/** Flags are read before anything is asked. `objects`: of the mesh before the change. */
export function happenedFlags(flags: HappenedFlags): (objects: readonly StoredObject[]) => Promise<Lately> {
  const window = parseDuration(flags.window ?? '1h');
  if (window === undefined || window < 1000 || window > 86_400_000)
    throw new UsageError(`--window takes a duration from 1s to 24h, not '${flags.window ?? ''}'`);
  if (flags.window !== undefined && flags.seen !== true) throw new UsageError('--window goes with --seen');
  if (flags.seen === true && flags.before !== undefined)
    throw new UsageError('--seen asks a control plane, and --before goes without one: use --replay');
  if (flags.replay === undefined && (flags.from ?? flags.to) !== undefined)
    throw new UsageError('--from and --to go with --replay');
  const defaults = defaultsOf(flags);
  return async (objects) => {
    const { replay } = flags;
    const seen = flags.seen === true ? await seenLately(flags, window) : undefined;
    const log = replay === undefined ? undefined : await logOf(replay, objects, defaults);
    return {
      callers: (log?.seen ?? []).flatMap(({ happened }) => callerKeyOf(happened) ?? []),
      compare(before, after) {
        const seenPlan = seen === undefined ? undefined : compareHappened(before, after, seen.seen);
        const logPlan = log === undefined ? undefined : compareHappened(before, after, log.seen);
        return {
          json: {
            ...(seenPlan === undefined ? {} : { seen: seenPlan }),
            ...(logPlan === undefined || log === undefined
              ? {}
              : { replay: { ...logPlan, lines: log.lines, faulty: log.faulty } }),
          },
          async text(placeOf) {
            const texts: string[] = [];
            if (seenPlan !== undefined)
              texts.push(
                await seenText(`seen in the last ${formatDuration(window)}`, seenPlan, placeOf),
                (seen?.rest ?? 0) === 0
                  ? ''
                  : `not asked about: ${seen?.rest}, of callers with too many different requests\n`,
              );
            if (logPlan !== undefined)
              texts.push(await seenText(`in the ${log?.lines ?? 0} lines of ${replay}`, logPlan, placeOf));
            return texts.join('');
          },
        };
      },
    };
  };
}

function defaultsOf({ from, to, namespace }: HappenedFlags): ReplayDefaults {
  const caller = from === undefined ? undefined : callerName(from, namespace);
  if (caller?.kind === 'outside')
    throw new UsageError('--from names a workload; callers outside enter by a Gateway: --to');
  return { from: caller?.key, to: to === undefined ? undefined : serviceName(to, namespace), namespace };
}

async function seenLately(flags: HappenedFlags, window: number): Promise<ReturnType<typeof seenOf>> {
  const client = connect(flags);
  try {
    const document = (await orFail(
      client.call('GET', `/weft/v1/seen?window=${formatDuration(window)}`),
    )) as unknown as SeenDocument;
    if (document.keeping === null)
      throw new CommandError('the control plane keeps no requests', 'Start it without --no-requests.');
    return seenOf(document);
  } finally {
    client.close();
  }
}

async function logOf(file: string, objects: readonly StoredObject[], defaults: ReplayDefaults): Promise<Replayed> {
  const log = await replayed(file, objects, defaults);
  const { seen, lines, faults, faulty } = log;
  const [first] = faults;
  if (seen.length === 0 && first !== undefined)
    throw new CommandError(
      `--replay: none of ${lines} lines of ${file} is a request: line ${first.line}: ${first.reason}`,
      'docs/tasks/why.md says which fields are read.',
    );
  for (const { line, reason } of faults) process.stderr.write(`${file}:${line}: ${reason}\n`);
  if (faulty > faults.length) process.stderr.write(`${file}: ${faulty - faults.length} more lines are no requests\n`);
  return log;
}
