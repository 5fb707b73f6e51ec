/**
 * Coverage-guided fuzzing: inputs that reach a block of wire/ no input before has reached (or reach one far more often) are kept and changed
 * further. Coverage is V8's own. An input is at fault when its target throws or takes longer than STALL.
 */
import { Session } from 'node:inspector';
import { Roll } from '../ring/roll.ts';
import type { Target } from './targets.ts';

/** ms of this process's CPU: on a busy machine the clock says nothing. */
const STALL = 100;
const LONGEST = 4096;

export interface Outcome {
  readonly runs: number;
  /** Blocks, each counted once for each power of two of its executions. */
  readonly blocks: number;
  /** Inputs that reached something new, in the order they were found. */
  readonly kept: readonly Buffer[];
  readonly faults: readonly { readonly input: Buffer; readonly error: string }[];
}

/** Blocks reached since the last call. */
class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get size(): number {
    return this.#seen.size;
  }

  /** How many of them are new. */
  take(): number {
    const before = this.#seen.size;
    this.#session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error !== null) throw error;
      for (const { url, functions } of answer.result) {
        if (!url.includes('/wire/')) continue;
        for (const { ranges } of functions)
          for (const { startOffset, endOffset, count } of ranges)
            if (count > 0) this.#seen.add(`${url}:${startOffset}:${endOffset}:${Math.min(8, 31 - Math.clz32(count))}`);
      }
    });
    return this.#seen.size - before;
  }

  stop(): void {
    this.#session.disconnect();
  }
}

const MOST_FAULTS = 20;

/** What ends a run, whichever comes first: time, or the number of changed inputs. */
export interface Limit {
  readonly seconds?: number;
  readonly inputs?: number;
}

/** `corpus` first, then changed inputs up to the limit, or until `MOST_FAULTS` were at fault. */
export function fuzz(
  target: Target,
  corpus: readonly Buffer[],
  { seconds = Number.POSITIVE_INFINITY, inputs = Number.POSITIVE_INFINITY }: Limit,
  seed: number,
): Outcome {
  const coverage = new Coverage();
  const kept: Buffer[] = [];
  const faults: { input: Buffer; error: string }[] = [];
  let runs = 0;
  const run = (input: Buffer): void => {
    runs += 1;
    const error = faultOf(target, input);
    if (error !== undefined && faults.length < MOST_FAULTS) faults.push({ input, error });
  };
  coverage.take();
  for (const input of [...corpus, ...target.seeds]) {
    run(input);
    if (coverage.take() > 0 || kept.length === 0) kept.push(input);
  }
  const end = performance.now() + seconds * 1000;
  for (let turn = 0; turn < inputs && performance.now() < end && faults.length < MOST_FAULTS; turn += 1) {
    const roll = new Roll(seed, turn);
    const input = change(roll.pick(kept), kept, roll);
    run(input);
    if (coverage.take() > 0) kept.push(input);
  }
  coverage.stop();
  return { runs, blocks: coverage.size, kept, faults };
}

/** Why the input is at fault; undefined: it is not. */
export function faultOf(target: Target, input: Buffer): string | undefined {
  const began = process.cpuUsage();
  try {
    target.run(input);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const { user, system } = process.cpuUsage(began);
  const took = (user + system) / 1000;
  return took > STALL ? `took ${Math.round(took)} ms` : undefined;
}

function change(input: Buffer, all: readonly Buffer[], roll: Roll): Buffer {
  let bytes = Buffer.from(input);
  for (let turn = 1 + roll.below(4); turn > 0; turn -= 1) {
    const at = roll.below(bytes.length + 1);
    const head = bytes.subarray(0, at);
    const rest = bytes.subarray(at);
    const octet = Buffer.from(roll.octet(), 'latin1');
    const other = roll.pick(all);
    const from = roll.below(other.length + 1);
    const piece = other.subarray(from, from + 1 + roll.below(40));
    const kind = roll.below(7);
    if (kind === 0) bytes = Buffer.concat([head, octet, rest]);
    else if (kind === 1) bytes = Buffer.concat([head, rest.subarray(1 + roll.below(4))]);
    else if (kind === 2) bytes = Buffer.concat([head, octet, rest.subarray(1)]);
    else if (kind === 3) bytes = Buffer.concat([head, piece, rest]);
    else if (kind === 4) bytes = Buffer.concat([head, piece, rest.subarray(piece.length)]);
    else if (kind === 5) bytes = Buffer.concat([head, other.subarray(from)]);
    else if (rest.length > 0) rest[0] = (rest[0] ?? 0) ^ (1 << roll.below(8));
  }
  return bytes.subarray(0, LONGEST);
}
