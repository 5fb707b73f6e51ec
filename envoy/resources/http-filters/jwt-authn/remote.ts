/** envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks with envoy.config.core.v3.RetryPolicy as far as a fetch needs it. */
import type { RemoteJwtKeys } from '@weft/core/proxy-config';
import type { Messages } from '../../../tables/index.ts';
import type { Cursor } from '../../base/cursor.ts';
import { durationUnless, fromMilliseconds, takeDuration } from '../../base/duration.ts';
import { decodeHttpService, encodeHttpService } from '../../base/service.ts';

type Wire = Messages['envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks'];
type WireRetry = Messages['envoy.config.core.v3.RetryPolicy'];
type Retry = NonNullable<RemoteJwtKeys['retry']>;

const CACHE_DURATION = 600_000;
const FAILED_REFETCH = 1000;
const BACK_OFF = 1000;
const NOWHERE = { uri: 'http://invalid/', cluster: '', timeout: 0 };

export function decodeRemote(cursor: Cursor<Wire>): RemoteJwtKeys {
  const service = cursor.within('http_uri', (inner) => {
    const read = decodeHttpService(inner);
    if (!isUri(read.uri)) inner.fault('uri', 'invalid-value', `${read.uri} is no absolute http or https URI`);
    return read;
  });
  if (service === undefined) cursor.fault('http_uri', 'missing-field', 'where keys are fetched from');
  return {
    kind: 'remote',
    service: service !== undefined && isUri(service.uri) ? service : NOWHERE,
    cacheDuration: takeDuration(cursor, 'cache_duration', CACHE_DURATION),
    ahead: cursor.within('async_fetch', (inner) => {
      inner.take('fast_listener');
      return { failedRefetch: takeDuration(inner, 'failed_refetch_duration', FAILED_REFETCH) };
    }),
    retry: cursor.within('retry_policy', decodeRetry),
  };
}

/** Scheme and authority, and no more than that but a path and a query. */
const isUri = (text: string): boolean => /^https?:\/\/[A-Za-z0-9.:[\]_-]+(?:\/[^\s#]*)?$/.test(text);

function decodeRetry(cursor: Cursor<WireRetry>): Retry {
  const retries = cursor.take('num_retries') ?? 1;
  const backOff = cursor.within('retry_back_off', (inner) => {
    const base = takeDuration(inner, 'base_interval', BACK_OFF);
    const max = takeDuration(inner, 'max_interval', base * 10);
    if (max < base) inner.fault('max_interval', 'invalid-value', 'shorter than base_interval');
    return { base, max };
  });
  return { retries, backOff: backOff ?? { base: BACK_OFF, max: BACK_OFF * 10 } };
}

export const encodeRemote = ({ service, cacheDuration, ahead, retry }: RemoteJwtKeys): Wire => ({
  http_uri: encodeHttpService(service),
  cache_duration: durationUnless(cacheDuration, CACHE_DURATION),
  async_fetch:
    ahead === undefined ? undefined : { failed_refetch_duration: durationUnless(ahead.failedRefetch, FAILED_REFETCH) },
  retry_policy:
    retry === undefined
      ? undefined
      : {
          num_retries: retry.retries === 1 ? undefined : retry.retries,
          retry_back_off: {
            base_interval: fromMilliseconds(retry.backOff.base),
            max_interval: fromMilliseconds(retry.backOff.max),
          },
        },
});
