/** envoy.config.core.v3.RetryPolicy: further tries of what the engine calls itself. Defaults are those of Envoy's own conversion. */
import type { CallRetries } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from './cursor.ts';
import { fromMilliseconds, takeDuration } from './duration.ts';

type Wire = Messages['envoy.config.core.v3.RetryPolicy'];

const PREVIOUS_HOSTS = 'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate';
/** ms */
const BACK_OFF_BASE = 1000;
const BACK_OFF_FACTOR = 10;
const NUM_RETRIES = 1;
const HOST_SELECTION_ATTEMPTS = 1;

export function decodeCallRetries(cursor: Cursor<Wire>): CallRetries {
  const words = (cursor.take('retry_on') ?? '').split(',').map((word) => word.trim());
  const attempts = Number(cursor.take('host_selection_retry_max_attempts') ?? 0);
  const predicates = cursor.each('retry_host_predicate', (predicate) => {
    predicate.take('name');
    const decoders = { [PREVIOUS_HOSTS]: () => true };
    return (
      readingAny(predicate.take('typed_config'), predicate.at('typed_config'), predicate.report, decoders) ?? false
    );
  });
  return {
    retryOn: words.filter((word) => word !== ''),
    numRetries: cursor.take('num_retries') ?? NUM_RETRIES,
    backOff: cursor.within('retry_back_off', decodeBackOff) ?? {
      base: BACK_OFF_BASE,
      max: BACK_OFF_BASE * BACK_OFF_FACTOR,
    },
    avoidPreviousHosts: predicates.some((known) => known),
    hostSelectionAttempts: attempts <= 0 ? HOST_SELECTION_ATTEMPTS : attempts,
  };
}

function decodeBackOff(cursor: Cursor<Messages['envoy.config.core.v3.BackoffStrategy']>): CallRetries['backOff'] {
  const base = takeDuration(cursor, 'base_interval', BACK_OFF_BASE);
  const max = takeDuration(cursor, 'max_interval', base * BACK_OFF_FACTOR);
  if (max < base) cursor.fault('max_interval', 'invalid-value', 'must not be less than base_interval');
  return { base, max };
}

export const encodeCallRetries = (retries: CallRetries): Wire => ({
  retry_on: retries.retryOn.join(',') || undefined,
  num_retries: retries.numRetries,
  retry_back_off: {
    base_interval: fromMilliseconds(retries.backOff.base),
    max_interval: fromMilliseconds(retries.backOff.max),
  },
  retry_host_predicate: retries.avoidPreviousHosts
    ? [{ name: 'previous_hosts', typed_config: pack(PREVIOUS_HOSTS, {}) }]
    : undefined,
  host_selection_retry_max_attempts:
    retries.hostSelectionAttempts === HOST_SELECTION_ATTEMPTS ? undefined : retries.hostSelectionAttempts,
});
