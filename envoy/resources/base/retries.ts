/** What envoy.config.route.v3.RetryPolicy and envoy.config.core.v3.RetryPolicy have in common, and Envoy 1.40's standard values of it. */
import type { CallRetries } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from './cursor.ts';
import { takeDuration } from './duration.ts';

export const NUM_RETRIES = 1;
/** The longest back-off is this many times the base. */
export const BACK_OFF_FACTOR = 10;
export const HOST_SELECTION_ATTEMPTS = 1;
export const PREVIOUS_HOSTS = 'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate';

type Wire = Pick<
  Messages['envoy.config.core.v3.RetryPolicy'],
  'retry_on' | 'num_retries' | 'retry_back_off' | 'retry_host_predicate' | 'host_selection_retry_max_attempts'
>;

/** `backOffBase`: ms, where none is stated. */
export function decodeRetries(cursor: Cursor<Wire>, backOffBase: number): CallRetries {
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
    backOff: cursor.within('retry_back_off', (inner) => decodeBackOff(inner, backOffBase)) ?? {
      base: backOffBase,
      max: backOffBase * BACK_OFF_FACTOR,
    },
    avoidPreviousHosts: predicates.some((known) => known),
    hostSelectionAttempts: attempts <= 0 ? HOST_SELECTION_ATTEMPTS : attempts,
  };
}

function decodeBackOff(
  cursor: Cursor<Messages['envoy.config.core.v3.BackoffStrategy']>,
  standard: number,
): CallRetries['backOff'] {
  const base = takeDuration(cursor, 'base_interval', standard);
  const max = takeDuration(cursor, 'max_interval', base * BACK_OFF_FACTOR);
  if (max < base) cursor.fault('max_interval', 'invalid-value', 'must not be less than base_interval');
  return { base, max };
}
