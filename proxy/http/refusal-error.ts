/** What an HTTP/1.1 request that cannot be read is told. */
import type { Http1Fault } from '@weft/wire/http1';
import type { ExchangeError } from '../errors.ts';

export function refusalError({ status, code }: Http1Fault): ExchangeError {
  if (status === 414) return 'uri-too-long';
  if (status === 505) return 'http-version-not-supported';
  if (code === 'too-many-headers') return 'too-many-headers';
  return status === 431 ? 'request-headers-too-large' : 'bad-request';
}
