/**
 * What a request asks of the router by x-envoy-* headers (Envoy's router: time-outs, retries, hedging). Only who is trusted gets here with
 * them: the connection manager has taken them from requests that are not internal, and what filters and routes add is configuration.
 * They end here: none of them goes upstream.
 */
import type { RetryPolicy } from '@weft/core/proxy-config';
import type { Exchange } from '../http/exchange.ts';
import { ResponseFlag } from '../response-flags.ts';
import { CompiledRetryPolicy, GRPC_RETRY_WORDS, RETRY_WORDS } from './retry-policy.ts';

const TIMEOUT = 'x-envoy-upstream-rq-timeout-ms';
const PER_TRY_TIMEOUT = 'x-envoy-upstream-rq-per-try-timeout-ms';
const NO_CONTENT_ON_TIMEOUT = 'x-envoy-upstream-rq-timeout-alt-response';
const EXPECTED = 'x-envoy-expected-rq-timeout-ms';
const RETRY_ON = 'x-envoy-retry-on';
const RETRY_GRPC_ON = 'x-envoy-retry-grpc-on';
const MAX_RETRIES = 'x-envoy-max-retries';
const STATUS_CODES = 'x-envoy-retriable-status-codes';
const HEADER_NAMES = 'x-envoy-retriable-header-names';
const HEDGE = 'x-envoy-hedge-on-per-try-timeout';

const RETRY_HEADERS = [RETRY_ON, RETRY_GRPC_ON, MAX_RETRIES, STATUS_CODES, HEADER_NAMES];

/** Whether a header that a route adds is one of those that the router asks about retries. */
export const asksForRetries = (name: string): boolean => RETRY_HEADERS.includes(name);

const NO_POLICY: RetryPolicy = {
  retryOn: [],
  numRetries: 1,
  perTryTimeout: 0,
  perTryIdleTimeout: 0,
  retriableStatusCodes: [],
  retriableHeaders: [],
  retriableRequestHeaders: [],
  rateLimitedBackOff: undefined,
  backOff: { base: 25, max: 250 },
  avoidPreviousHosts: false,
  hostSelectionAttempts: 1,
  priorityUpdateFrequency: 0,
};

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined;

const words = (text: string | undefined): string[] =>
  (text ?? '').split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));

/** strict_check_headers. True: the request is refused. */
export function refuseMalformed(exchange: Exchange, names: readonly string[]): boolean {
  for (const name of names) {
    const value = exchange.head.edit.get(name);
    if (value === undefined || isWellFormed(name, value)) continue;
    exchange.decide(
      400,
      `invalid header '${name}' with value '${value}'`,
      ResponseFlag.invalidEnvoyRequestHeaders,
      `request_headers_failed_strict_check{${name}}`,
    );
    return true;
  }
  return false;
}

function isWellFormed(name: string, value: string): boolean {
  if (name === RETRY_ON) return value.split(',').every((word) => RETRY_WORDS.has(word.trim()));
  if (name === RETRY_GRPC_ON) return value.split(',').every((word) => GRPC_RETRY_WORDS.has(word.trim()));
  return number(value) !== undefined;
}

/** Before the route changes headers: how long the request may take. */
export function applyTimeoutOptions(exchange: Exchange): void {
  const { edit } = exchange.head;
  const { respectExpectedTimeout } = exchange.context.manager.router;
  const expected = respectExpectedTimeout ? edit.get(EXPECTED) : undefined;
  if (expected !== undefined) exchange.timeout = number(expected) ?? exchange.timeout;
  else exchange.timeout = number(taken(exchange, TIMEOUT)) ?? exchange.timeout;
  const perTry = number(taken(exchange, PER_TRY_TIMEOUT));
  if (perTry !== undefined) change(exchange, { perTryTimeout: perTry });
  if (taken(exchange, NO_CONTENT_ON_TIMEOUT) !== undefined) exchange.noContentOnTimeout = true;
  const hedge = taken(exchange, HEDGE);
  if (hedge === 'true' || hedge === 'false') exchange.hedges = hedge === 'true';
}

/** Behind the route's header changes: what is tried again, over the route's own policy. */
export function applyRetryOptions(exchange: Exchange): void {
  const [on, grpcOn, most, codes, names] = RETRY_HEADERS.map((name) => taken(exchange, name));
  const policy = exchange.retry?.policy ?? NO_POLICY;
  const asked = [...words(on).filter((word) => RETRY_WORDS.has(word)), ...words(grpcOn)];
  const statuses = words(codes).flatMap((code) => number(code) ?? []);
  const headers = words(names).map((name) => ({
    name: name.toLowerCase(),
    match: { kind: 'present' as const, present: true },
    invert: false,
    treatMissingAsEmpty: false,
  }));
  const limit = number(most);
  if (on === undefined && grpcOn === undefined && (exchange.retry === undefined || policy.retryOn.length === 0)) return;
  if (asked.length + statuses.length + headers.length === 0 && limit === undefined) return;
  change(exchange, {
    retryOn: [...policy.retryOn, ...asked],
    numRetries: limit ?? policy.numRetries,
    retriableStatusCodes: [...policy.retriableStatusCodes, ...statuses],
    retriableHeaders: [...policy.retriableHeaders, ...headers],
  });
}

function taken({ head: { edit } }: Exchange, name: string): string | undefined {
  const value = edit.get(name);
  if (value !== undefined) edit.remove(name);
  return value;
}

function change(exchange: Exchange, more: Partial<RetryPolicy>): void {
  exchange.retry = new CompiledRetryPolicy({ ...(exchange.retry?.policy ?? NO_POLICY), ...more });
}
