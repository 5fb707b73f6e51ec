/**
 * Whether a request is traced, and why: Envoy's decision by the id of the request, into which the reason is written for the next proxy
 * (x-request-id, the digit that says a UUID's version: 4 not traced, 9 sampled, a forced, b asked for by the client).
 */
import { type Fraction, liveFraction, type RequestIds, type RuntimeValues } from '@weft/core/proxy-config';
import type { HeaderEdit } from '../http/header-edit.ts';

export type TraceReason = 'not_traceable' | 'random_sampling' | 'service_forced' | 'client_enabled';

export interface Shares {
  readonly client: Fraction;
  readonly random: Fraction;
  readonly overall: Fraction;
}

const UUID_LENGTH = 36;
const REASON_AT = 14;
const DIGITS: Readonly<Record<TraceReason, string>> = {
  not_traceable: '4',
  random_sampling: '9',
  service_forced: 'a',
  client_enabled: 'b',
};
const REASONS: Readonly<Record<string, TraceReason>> = {
  '9': 'random_sampling',
  a: 'service_forced',
  b: 'client_enabled',
};
/** What the remainder of a request's id is taken of. */
const ROLLS = 10_000;

const takes = (share: Fraction, roll: number, values: RuntimeValues): boolean => {
  const { numerator, denominator } = liveFraction(share, values);
  return roll % denominator < numerator;
};

export function traceReason(
  edit: HeaderEdit,
  shares: Shares,
  ids: RequestIds | undefined,
  values: RuntimeValues,
): TraceReason {
  if (ids?.decideSampling === false) return 'random_sampling';
  const id = edit.get('x-request-id');
  const roll = id === undefined || !/^[0-9a-f]{8}/i.test(id) ? undefined : Number.parseInt(id.slice(0, 8), 16) % ROLLS;
  if (id === undefined || roll === undefined) return 'not_traceable';
  const whole = id.length === UUID_LENGTH;
  const told = whole ? REASONS[id.charAt(REASON_AT)] : undefined;
  let reason: TraceReason = told ?? 'not_traceable';
  if (told === undefined) {
    if (edit.has('x-client-trace-id') && takes(shares.client, roll, values)) reason = 'client_enabled';
    else if (edit.has('x-envoy-force-trace')) reason = 'service_forced';
    else if (takes(shares.random, roll, values)) reason = 'random_sampling';
  }
  if (reason !== 'not_traceable' && !takes(shares.overall, roll, values)) reason = 'not_traceable';
  const digit = DIGITS[reason];
  if (
    whole &&
    ids?.packTraceReason !== false &&
    (told !== undefined || reason !== 'not_traceable') &&
    id.charAt(REASON_AT) !== digit
  )
    edit.set('x-request-id', `${id.slice(0, REASON_AT)}${digit}${id.slice(REASON_AT + 1)}`);
  return reason;
}
