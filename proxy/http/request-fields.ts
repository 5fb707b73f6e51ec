/** Fields of a request that depend on the try, and ones that may not pass. */
import type { EndpointRuntime } from '../ports.ts';
import type { Exchange } from './exchange.ts';
import { grpcTimeoutText } from './grpc.ts';

/** Headers that differ from try to try. */
export function addPerTryHeaders(exchange: Exchange, attempt: number, endpoint: EndpointRuntime): void {
  const { edit } = exchange.head;
  const { plan } = exchange;
  if (plan?.compiled.virtualHost.includeRequestAttemptCount === true)
    edit.set('x-envoy-attempt-count', String(attempt));
  if (attempt > 1 && plan?.compiled.virtualHost.includeIsTimeoutRetry === true)
    edit.set('x-envoy-is-timeout-retry', String(exchange.router.afterTimeout));
  const expected = expectedTimeout(exchange, attempt);
  if (expected > 0 && !exchange.context.manager.router.suppressEnvoyHeaders) {
    if (exchange.head.internal) edit.remove('x-envoy-expected-rq-timeout-ms');
    edit.add('x-envoy-expected-rq-timeout-ms', String(expected));
  }
  if (expected > 0 && exchange.grpc && plan?.forward?.grpcTimeout !== undefined) {
    edit.remove('grpc-timeout');
    edit.add('grpc-timeout', grpcTimeoutText(expected));
  }
  if (exchange.hostFromEndpoint && endpoint.endpoint.hostname !== '') exchange.setHost(endpoint.endpoint.hostname);
  exchange.trace?.tryStarts(exchange);
}

/** ms that the upstream has for the answer to this try; 0: no limit. */
function expectedTimeout({ timeout, retry, requestEndedAt, hedges, context }: Exchange, attempt: number): number {
  const perTry = hedges ? 0 : (retry?.policy.perTryTimeout ?? 0);
  const expected = perTry > 0 && (timeout === 0 || perTry < timeout) ? perTry : timeout;
  if (attempt === 1 || timeout === 0 || requestEndedAt < 0) return expected;
  // No time left is not "no limit".
  return Math.max(1, Math.min(expected, Math.floor(timeout - (context.runtime.clock.now() - requestEndedAt))));
}

/** Names with `_` can be mistaken for ones with `-` by applications: dropped, or the request refused. */
export function judgeUnderscores(exchange: Exchange, reject: boolean): void {
  const { head: fields } = exchange.reader;
  for (let index = 0; index < fields.count; index += 1) {
    if (fields.dropped(index) || !fields.name(index).includes('_')) continue;
    if (reject) exchange.decideError('bad-request');
    else fields.drop(index);
  }
}
