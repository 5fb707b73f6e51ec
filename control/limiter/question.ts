/** envoy.service.ratelimit.v3.RateLimitRequest as takes, and their counts as RateLimitResponse. */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type Limit, LIMIT_ENTRY, LONGEST_PER, parseLimit } from '@weft/core/services';
import { readMessage, writeMessage } from '@weft/envoy/codec';
import type { Enums, Messages } from '@weft/envoy/tables';
import type { Count, Take } from './counters.ts';

type Descriptor = Messages['envoy.extensions.common.ratelimit.v3.RateLimitDescriptor'];
type Status = Messages['envoy.service.ratelimit.v3.RateLimitResponse.DescriptorStatus'];
type Unit = Enums['envoy.type.v3.RateLimitUnit'];

/** Each descriptor as what it counts; undefined: it says no limit, and nothing is counted for it. */
export type Question = readonly (Take | undefined)[];

/** Descriptors of one question, and octets of a counter's key before it is hashed. */
const MOST_DESCRIPTORS = 64;
const LONGEST_KEY = 256;

const UNITS: Readonly<Partial<Record<Unit, number>>> = {
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  MONTH: 30 * 86_400_000,
  YEAR: 365 * 86_400_000,
};

/** undefined: these bytes are no question. */
export function readQuestion(bytes: Uint8Array): Question | undefined {
  const read = readMessage('envoy.service.ratelimit.v3.RateLimitRequest', bytes, { unknown: 'skip' });
  if (!read.ok) return undefined;
  const { domain = '', descriptors = [], hits_addend: hits } = read.value;
  if (descriptors.length > MOST_DESCRIPTORS) return undefined;
  return descriptors.map((descriptor) => takeOf(domain, descriptor, hits === undefined || hits === 0 ? 1 : hits));
}

function takeOf(domain: string, descriptor: Descriptor, hits: number): Take | undefined {
  const entries = descriptor.entries ?? [];
  const limit = limitOf(descriptor);
  if (limit === undefined) return undefined;
  const who = entries.filter(({ key }) => key !== LIMIT_ENTRY).map(({ key = '', value = '' }) => [key, value]);
  const own = Number(descriptor.hits_addend ?? hits);
  return {
    key: keyOf(JSON.stringify([domain, ...who])),
    limit,
    hits: descriptor.is_negative_hits === true ? -own : own,
  };
}

const keyOf = (text: string): string =>
  Buffer.byteLength(text) <= LONGEST_KEY ? text : createHash('sha256').update(text).digest('base64url');

/** The limit that travels in an entry, else the one of the descriptor itself (RateLimitOverride). */
function limitOf({ entries = [], limit }: Descriptor): Limit | undefined {
  const text = entries.find(({ key }) => key === LIMIT_ENTRY)?.value;
  if (text !== undefined) return parseLimit(text);
  const unit = UNITS[limit?.unit ?? 'UNKNOWN'];
  if (limit === undefined || unit === undefined) return undefined;
  const per = Math.min(LONGEST_PER, unit * (limit.unit_multiplier || 1));
  return { requests: limit.requests_per_unit ?? 0, per, algorithm: 'fixed', shadow: false };
}

export interface Verdict {
  readonly overLimit: boolean;
  readonly message: Uint8Array;
}

/** `counts`: of the takes that `question` holds, in their order. */
export function verdictOf(question: Question, counts: readonly (Count | undefined)[]): Verdict {
  let next = 0;
  const statuses = question.map((take): Status => {
    const count = take === undefined ? undefined : counts[next++];
    return take === undefined || count === undefined ? { code: 'OK' } : statusOf(take, count);
  });
  const overLimit = statuses.some(({ code }) => code === 'OVER_LIMIT');
  const message = writeMessage('envoy.service.ratelimit.v3.RateLimitResponse', {
    overall_code: overLimit ? 'OVER_LIMIT' : 'OK',
    statuses,
  });
  return { overLimit, message };
}

const statusOf = ({ limit }: Take, { fits, remaining, untilReset }: Count): Status => ({
  code: fits || limit.shadow ? 'OK' : 'OVER_LIMIT',
  current_limit: { requests_per_unit: limit.requests, ...windowOf(limit.per) },
  limit_remaining: remaining,
  duration_until_reset: { seconds: Math.ceil(untilReset / 1000) },
});

/** The longest unit that `per` is a multiple of; a time that is none of seconds has no unit. */
function windowOf(per: number): Pick<NonNullable<Status['current_limit']>, 'unit' | 'unit_multiplier'> {
  for (const unit of ['DAY', 'HOUR', 'MINUTE', 'SECOND'] as const) {
    const times = per / (UNITS[unit] ?? 1);
    if (Number.isInteger(times)) return { unit, unit_multiplier: times === 1 ? undefined : times };
  }
  return {};
}
