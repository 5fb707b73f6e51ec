/**
 * What a request meets on its way, in its order: limits, and who is asked about it. Both count from request to request, so a stage says what
 * comes of it where its count is spent.
 */
import type { RunningEngine } from './batch.ts';

/** A bucket of a local rate limit that is never filled again while a run lasts. */
export interface Limit {
  /** Whose it is; of the called side each workload has one of its own. */
  readonly bucket: string;
  readonly most: number;
}

export interface Ask {
  readonly kind: 'ask';
  /** The status that the answer comes to; undefined: it passes. */
  readonly answer: number | undefined;
  /** The same where nobody answers. */
  readonly failure: number | undefined;
  /** Whether the asking gets there. */
  readonly reaches: boolean;
  /** What counts the asking that does; undefined: nothing. */
  readonly limit: Limit | undefined;
  /** It sees answers too: on Envoy those of the stages before it, as it refuses them. */
  readonly processes: boolean;
  /** It is not known here whether it is asked. */
  readonly optional: boolean;
}

/** `each`: of a bucket that each workload has for itself. */
export type Stage = (Limit & { readonly kind: 'limit'; readonly each?: true }) | Ask;

/** How many were counted in each bucket. */
export type Counts = ReadonlyMap<string, number>;

export interface Course {
  readonly counts: Counts;
  /** undefined: it goes on. `limited`: refused by a limit. */
  readonly end: 'limited' | number | undefined;
}

/** Every way in which a request may take the stages. `workload`: of the called side. */
export function courses(stages: readonly Stage[], counts: Counts, engine: RunningEngine, workload = ''): Course[] {
  const [stage, ...others] = stages;
  if (stage === undefined) return [{ counts, end: undefined }];
  const onward = (now: Counts): Course[] => courses(others, now, engine, workload);
  const ended = (now: Counts, end: 'limited' | number): Course[] => [
    { counts: now, end },
    ...(engine === 'envoy' ? [shown(others, now, end)] : []),
  ];
  if (stage.kind === 'limit') {
    const limit = stage.each === true ? { ...stage, bucket: `${stage.bucket} ${workload}` } : stage;
    return isSpent(counts, limit) ? ended(counts, 'limited') : onward(spent(counts, limit));
  }
  const [status, now] = asking(stage, counts);
  return [...(stage.optional ? onward(counts) : []), ...(status === undefined ? onward(now) : ended(now, status))];
}

function asking({ reaches, limit, answer, failure }: Ask, counts: Counts): readonly [number | undefined, Counts] {
  if (!reaches || (limit !== undefined && isSpent(counts, limit))) return [failure, counts];
  return [answer, limit === undefined ? counts : spent(counts, limit)];
}

/** Whoever processes answers and was not asked yet is asked about a refusal, which is lost where that one cannot answer. */
export function shown(stages: readonly Stage[], counts: Counts, end: 'limited' | number): Course {
  let course: Course = { counts, end };
  for (const stage of stages) {
    if (stage.kind !== 'ask' || !stage.processes) continue;
    const [status, now] = asking({ ...stage, answer: undefined }, course.counts);
    course = { counts: now, end: status ?? course.end };
  }
  return course;
}

const isSpent = (counts: Counts, { bucket, most }: Limit): boolean => (counts.get(bucket) ?? 0) >= most;

const spent = (counts: Counts, { bucket }: Limit): Counts => new Map(counts).set(bucket, (counts.get(bucket) ?? 0) + 1);
