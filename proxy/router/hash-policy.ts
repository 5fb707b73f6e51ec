/** Hash policies of a route compiled (envoy.config.route.v3.RouteAction.HashPolicy): what of a request says which endpoint it goes to. */
import { cookieValue, linearRegex } from '@weft/core/decide';
import type { HashPolicy } from '@weft/core/proxy-config';
import type { ExchangeState } from '../http/exchange-state.ts';
import { combineHash, hashText } from '../upstream/hash.ts';

interface HashStep {
  /** Undefined or '': the request has nothing of it. */
  readonly text: (exchange: ExchangeState) => string | undefined;
  readonly terminal: boolean;
}

export function compileHashPolicies(
  policies: readonly HashPolicy[],
  report: (fault: string) => void,
): readonly HashStep[] {
  return policies.map((policy) => ({ text: textOf(policy, report), terminal: policy.terminal }));
}

/** -1 when no policy found anything. */
export function hashOf(exchange: ExchangeState, steps: readonly HashStep[]): number {
  let hash = -1;
  for (const step of steps) {
    const text = step.text(exchange);
    if (text !== undefined && text !== '') hash = combineHash(hash, hashText(text));
    if (step.terminal && hash >= 0) break;
  }
  return hash;
}

function textOf(policy: HashPolicy, report: (fault: string) => void): HashStep['text'] {
  switch (policy.kind) {
    case 'header': {
      const { header, rewrite } = policy;
      if (rewrite === undefined) return (exchange) => exchange.head.header(header);
      const regex = linearRegex(rewrite.regex);
      if (regex === undefined) report(`hash policy: ${JSON.stringify(rewrite.regex)} is not RE2 syntax`);
      return (exchange) => {
        const value = exchange.head.header(header);
        return value === undefined ? undefined : regex?.replace(value, rewrite.substitution);
      };
    }
    case 'cookie':
      return cookie(policy);
    case 'query':
      return (exchange) => exchange.queryParameter(policy.parameter);
    case 'source-ip':
      return (exchange) => exchange.client.ip;
  }
}

/** A request without the cookie gets one where the policy says how long it lives, so that its next one goes to the same endpoint. */
function cookie({ name, ttl, path, attributes }: Extract<HashPolicy, { kind: 'cookie' }>): HashStep['text'] {
  const after = [
    ...(ttl === undefined || ttl < 1000 ? [] : [`Max-Age=${Math.floor(ttl / 1000)}`]),
    ...(path === '' ? [] : [`Path=${path}`]),
    ...attributes.map((attribute) =>
      attribute.value === '' ? attribute.name : `${attribute.name}=${attribute.value}`,
    ),
    'HttpOnly',
  ].join('; ');
  return (exchange) => {
    const sent = cookieValue(exchange.head.header('cookie'), name);
    if (sent !== undefined || ttl === undefined) return sent;
    const { remote, local } = exchange.downstream;
    const value = [remote.ip + remote.port, local.ip + local.port]
      .map((end) => hashText(end).toString(16).padStart(8, '0'))
      .join('');
    exchange.newCookies.push(`${name}="${value}"; ${after}`);
    return value;
  };
}
