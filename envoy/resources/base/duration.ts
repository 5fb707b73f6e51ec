/** google.protobuf.Duration to milliseconds and back. Fractions of a millisecond are kept as far as a double carries them. */
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';

type Duration = Messages['google.protobuf.Duration'];

export const toMilliseconds = (duration: Duration): number =>
  Number(duration.seconds ?? 0) * 1000 + (duration.nanos ?? 0) / 1_000_000;

/** Envoy counts nanoseconds in 64 bits: about 292 years. */
const MAX_MILLISECONDS = 9_223_372_036_854;

/** A duration that is not negative, in ms; `standard` when absent. */
export function takeDuration<Name extends string>(
  cursor: Cursor<{ readonly [K in Name]?: Duration | undefined }>,
  field: Name,
  standard: number,
): number {
  const duration = cursor.take(field);
  if (duration === undefined) return standard;
  const ms = toMilliseconds(duration);
  if (ms < 0) cursor.fault(field, 'invalid-value', 'a duration must not be negative');
  if (ms > MAX_MILLISECONDS) cursor.fault(field, 'invalid-value', 'longer than Envoy can count');
  return ms;
}

export function fromMilliseconds(ms: number): Duration {
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.round((ms - seconds * 1000) * 1_000_000);
  return { ...(seconds === 0 ? {} : { seconds }), ...(nanos === 0 ? {} : { nanos }) };
}

/** The duration unless it is the standard. */
export const durationUnless = (ms: number, standard: number): Duration | undefined =>
  ms === standard ? undefined : fromMilliseconds(ms);
