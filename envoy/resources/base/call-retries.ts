/** envoy.config.core.v3.RetryPolicy: further tries of what the engine calls itself. Defaults are those of Envoy's own conversion. */
import type { CallRetries } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';
import { fromMilliseconds } from './duration.ts';
import { decodeRetries, HOST_SELECTION_ATTEMPTS, PREVIOUS_HOSTS } from './retries.ts';

type Wire = Messages['envoy.config.core.v3.RetryPolicy'];

/** ms */
const BACK_OFF_BASE = 1000;

export const decodeCallRetries = (cursor: Cursor<Wire>): CallRetries => decodeRetries(cursor, BACK_OFF_BASE);

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
