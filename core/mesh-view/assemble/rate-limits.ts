/** RateLimits as rows. */
import { parseDuration } from '../../kernel/index.ts';
import { objectName, type RateLimit } from '../../resources/index.ts';
import type { RateLimitRow } from '../policy-rows.ts';
import { type PolicyKind, wholeConflicts } from './attached.ts';
import { keyOf } from './objects.ts';

export const RATE_LIMITS: PolicyKind<RateLimit, RateLimitRow> = {
  name: 'rate-limit',
  conflicts: wholeConflicts,
  rowOf: ({ metadata, spec }) => {
    const { requests, per, burst } = spec.local;
    const { status, headers, tellsLimits } = spec.response;
    return {
      key: keyOf({ metadata }),
      local: { requests, per: parseDuration(per) ?? 1000, burst: burst ?? requests },
      status,
      headers: headers ?? [],
      tellsLimits,
      enforced: spec.mode === 'Enforce',
      source: `${objectName('RateLimit', metadata.namespace, metadata.name)}#spec`,
    };
  },
};
