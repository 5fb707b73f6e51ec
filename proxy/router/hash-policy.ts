/** Hash policies of a route compiled (envoy.config.route.v3.RouteAction.HashPolicy): what of a request says which endpoint it goes to. */
import { cookieValue, linearRegex } from '@weft/core/decide';
import type { HashPolicy } from '@weft/core/proxy-config';
import type { ExchangeState } from '../http/exchange-state.ts';
import type { SocketEnd } from '../ports.ts';
import { combineHash, type Hash64, xxHash64 } from '../upstream/hash/index.ts';

interface HashStep {
  /** Undefined: the request has nothing of it. */
  readonly hash: (exchange: ExchangeState) => Hash64 | undefined;
  readonly terminal: boolean;
}

/** What says the hash of a request; undefined when no policy found anything. */
export function compileHashPolicies(
  policies: readonly HashPolicy[],
  report: (fault: string) => void,
): (exchange: ExchangeState) => Hash64 | undefined {
  const steps = policies.map((policy) => ({
    hash: policy.kind === 'header' ? headerHash(policy, report) : textHash(textOf(policy)),
    terminal: policy.terminal,
  }));
  return (exchange) => hashOf(exchange, steps);
}

function hashOf(exchange: ExchangeState, steps: readonly HashStep[]): Hash64 | undefined {
  let hash: Hash64 | undefined;
  for (const step of steps) {
    const found = step.hash(exchange);
    if (found !== undefined) hash = combineHash(hash, found);
    if (step.terminal && hash !== undefined) break;
  }
  return hash;
}

type Text = (exchange: ExchangeState) => string | undefined;

const textHash =
  (text: Text): HashStep['hash'] =>
  (exchange) => {
    const found = text(exchange);
    return found === undefined ? undefined : xxHash64(found);
  };

/** Several values count whatever their order: each is hashed with the hash of those before as its seed. */
function headerHash(
  { header, rewrite }: Extract<HashPolicy, { kind: 'header' }>,
  report: (fault: string) => void,
): HashStep['hash'] {
  const regex = rewrite === undefined ? undefined : linearRegex(rewrite.regex);
  if (rewrite !== undefined && regex === undefined)
    report(`hash policy: ${JSON.stringify(rewrite.regex)} is not RE2 syntax`);
  const rewritten = (value: string): string => regex?.replace(value, rewrite?.substitution ?? '') ?? value;
  return (exchange) => {
    const { head } = exchange;
    const first = head.headerValue(header, 0);
    if (first === undefined) return undefined;
    if (head.headerValue(header, 1) === undefined) return xxHash64(rewritten(first));
    const values: string[] = [];
    for (let value: string | undefined = first; value !== undefined; value = head.headerValue(header, values.length))
      values.push(rewritten(value));
    let hash: Hash64 | undefined;
    for (const value of values.sort()) hash = xxHash64(value, hash);
    return hash;
  };
}

function textOf(policy: Exclude<HashPolicy, { kind: 'header' }>): Text {
  switch (policy.kind) {
    case 'cookie':
      return cookie(policy);
    case 'query':
      return (exchange) => exchange.queryParameter(policy.parameter);
    case 'source-ip':
      return ({ client }) => (client.ip === '' ? undefined : client.ip);
  }
}

/** A request without the cookie gets one where the policy says how long it lives, so that its next one goes to the same endpoint. */
function cookie({ name, ttl, path, attributes }: Extract<HashPolicy, { kind: 'cookie' }>): Text {
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
    if (sent !== undefined && sent !== '') return sent;
    if (ttl === undefined) return undefined;
    const { remote, local } = exchange.downstream;
    const { high, low } = xxHash64(endText(remote) + endText(local));
    const value = hex(high) + hex(low);
    exchange.newCookies.push(`${name}="${value}"; ${after}`);
    return value;
  };
}

const hex = (half: number): string => half.toString(16).padStart(8, '0');
const endText = ({ ip, port }: SocketEnd): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
