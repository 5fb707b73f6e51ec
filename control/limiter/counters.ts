/** Where a limiter counts: the port, and the arithmetic that is the same whoever counts. */
import type { Limit } from '@weft/core/services';

/** What is known of one counter after it was asked. */
export interface Count {
  /** Whether the hits fitted. */
  readonly fits: boolean;
  /** Hits that would fit now. */
  readonly remaining: number;
  /** ms until it is as if nothing had been counted. */
  readonly untilReset: number;
  /** ms until one hit fits; 0: now. */
  readonly untilNext: number;
}

export interface Take {
  /** Who is counted together. */
  readonly key: string;
  readonly limit: Limit;
  /** Negative: hits that are given back. */
  readonly hits: number;
}

/** Counts hits. Rejects where it cannot count. */
export interface Counters {
  /**
   * All takes of one question together: where one of them does not fit, and is no shadow, none is counted. In the order of `takes`; undefined
   * where another one's answer was enough.
   */
  take(takes: readonly Take[]): Promise<readonly (Count | undefined)[]>;
  stop(): void;
}

/**
 * What a counter holds. Fixed: hits of this window. Sliding: ms by which its theoretical arrival time lies in the future (generic cell rate
 * algorithm, ITU-T I.371).
 */
export type Level = number;

/** ms; sums of intervals that no binary fraction says exactly. */
const ROUNDING = 1e-3;

const intervalOf = ({ algorithm, requests, per }: Limit): number => (algorithm === 'fixed' ? 1 : per / requests);
const fullOf = ({ algorithm, requests, per }: Limit): Level => (algorithm === 'fixed' ? requests : per + ROUNDING);

export const fits = ({ limit, hits }: Take, level: Level): boolean =>
  hits <= 0 || level + hits * intervalOf(limit) <= fullOf(limit);

export const raised = ({ limit, hits }: Take, level: Level): Level => Math.max(0, level + hits * intervalOf(limit));

/** `left`: ms of the window of a fixed limit. */
export function countOf({ limit }: Take, isFitting: boolean, level: Level, left: number): Count {
  const interval = intervalOf(limit);
  const remaining = Math.max(0, Math.floor((fullOf(limit) - level) / interval));
  const fixed = limit.algorithm === 'fixed';
  const untilNext = remaining > 0 ? 0 : fixed ? left : level + interval - limit.per;
  return { fits: isFitting, remaining, untilReset: fixed ? left : level, untilNext: Math.max(0, untilNext) };
}

/** Whether what was asked about passes. */
export const passes = (takes: readonly Take[], isFitting: readonly boolean[]): boolean =>
  takes.every(({ limit }, index) => limit.shadow || isFitting[index] === true);
