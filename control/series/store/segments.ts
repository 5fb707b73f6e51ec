/** Stretches of one series' samples, wherever they lie, in one shape: times and columns beside each other. */
import type { Fields } from './block-codec.ts';
import { BLOCK_SLOTS, SLOT, TICK } from './grid.ts';
import type { StoredSeries } from './stored-series.ts';

export interface Segment {
  /** Unix ms of the samples from position `first` on. */
  readonly times: readonly number[];
  readonly first: number;
  readonly fields: Fields;
}

/** The slots of a block after `from` up to and with `to`. */
export function blockSegment(block: number, fields: Fields, from: number, to: number): Segment {
  const start = block * BLOCK_SLOTS;
  const first = Math.max(0, Math.floor(from / SLOT) + 1 - start);
  const last = Math.min(BLOCK_SLOTS - 1, Math.floor(to / SLOT) - start);
  const times: number[] = [];
  for (let position = first; position <= last; position += 1) times.push((start + position) * SLOT);
  return { times, first, fields };
}

export function tickSegment(series: StoredSeries, from: number, to: number): Segment {
  const times = Array.from({ length: to - from + 1 }, (_, index) => (from + index) * TICK);
  return { times, first: 0, fields: series.ticks(from, to) };
}
