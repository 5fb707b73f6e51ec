/** x-ratelimit-* of answers (draft-polli-ratelimit-headers-03), by the limit that is nearest. */
import type { RateLimitStatus } from '@weft/core/services';

export function limitHeaders(statuses: readonly RateLimitStatus[]): (readonly [string, string])[] {
  const [first, ...rest] = statuses;
  if (first === undefined) return [];
  const nearest = rest.reduce((least, status) => (status.remaining < least.remaining ? status : least), first);
  const policies = statuses
    .filter(({ window }) => window > 0)
    .map(({ requestsPerUnit, window, name }) => {
      const called = name === '' ? '' : `;name="${name.replace(/[^\x20-\x7e]|["\\]/g, '?')}"`;
      return `, ${requestsPerUnit};w=${window}${called}`;
    });
  return [
    ['x-ratelimit-limit', `${nearest.requestsPerUnit}${policies.join('')}`],
    ['x-ratelimit-remaining', String(nearest.remaining)],
    ['x-ratelimit-reset', String(nearest.untilReset)],
  ];
}

/** Names that a service may not add to: they frame the message. */
const FRAMING: ReadonlySet<string> = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'upgrade']);

/** Whether a service's header can stand in a message. */
export const isField = (name: string, value: string): boolean =>
  /^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && !FRAMING.has(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
