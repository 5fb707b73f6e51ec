/**
 * A redirect of the upstream that is followed here (envoy.config.route.v3.InternalRedirectPolicy): the request becomes the one that the client
 * would send next, and goes through filters and routes again. Whatever does not allow it leaves the answer to the client.
 */
import { canonicalPath } from '@weft/core/decide';
import type { InternalRedirect } from '@weft/core/proxy-config';
import type { Exchange } from './exchange.ts';
import { rerunRequestPath, takeRoutes } from './request-path.ts';
import { headerText } from './header-edit.ts';
import type { AnswerReader } from '../router/upstream-client.ts';

const FOLLOWED = new Set([301, 302, 303, 307, 308]);
/** RFC 3986, appendix B, for absolute URLs of HTTP; a fragment is the client's own business. */
const ABSOLUTE = /^(https?):\/\/([^/?#@\s]+)([^?#\s]*)(?:\?([^#\s]*))?/;

/** Whether an answer of that status may be followed. */
export const isRedirect = (policy: InternalRedirect, status: number): boolean =>
  FOLLOWED.has(status) && policy.codes.includes(status);

/** Of an answer for which `isRedirect` holds. True: the exchange has a new cluster or an answer of its own. False: nothing is changed. */
export function followRedirect(exchange: Exchange, policy: InternalRedirect, reader: AnswerReader): boolean {
  const [, scheme = '', host = '', sentPath = '', query] = ABSOLUTE.exec(headerText(reader.head, 'location')) ?? [];
  const { head, context } = exchange;
  if (scheme === '' || exchange.bodyFilter?.seesRequestBodies === true) return false;
  if (scheme !== head.scheme && policy.crossScheme === 'no') return false;
  if (policy.crossScheme === 'safe' && scheme === 'https' && head.scheme === 'http') return false;
  if (exchange.redirects.length >= policy.maxRedirects) return false;
  const canonical = canonicalPath(sentPath === '' ? '/' : sentPath, context.manager);
  if (canonical.kind !== 'path') return false;

  const before = { host: head.host, path: head.path, query: head.query, scheme: head.scheme };
  const sentHost = head.edit.get('host') ?? head.host;
  const url = `${head.scheme}://${sentHost}${exchange.target ?? exchange.pathText()}`;
  head.host = host.toLowerCase();
  head.spelledHost = host;
  head.path = canonical.path;
  head.query = query;
  head.scheme = scheme;
  takeRoutes(exchange);
  const name = exchange.routes?.table.match(head, exchange.roll)?.route.name;
  const from = exchange.routeName;
  if (name === undefined || !accepts(policy, exchange, from, name)) {
    Object.assign(head, before);
    return false;
  }
  exchange.redirects.push(redirectKey(from, name));
  head.originalPath = query === undefined ? head.path : `${head.path}?${query}`;
  exchange.target = head.originalPath;
  exchange.setHost(host);
  for (const header of policy.responseHeadersToCopy) {
    head.edit.remove(header);
    const value = headerText(reader.head, header);
    if (value !== '') head.edit.add(header, value);
  }
  head.edit.set('x-envoy-original-url', url);
  if (reader.status === 303 && head.method !== 'GET' && head.method !== 'HEAD') {
    head.method = 'GET';
    head.edit.remove('content-length');
    exchange.router.body.clear();
  }
  rerunRequestPath(exchange);
  return true;
}

const redirectKey = (from: string, to: string): string => JSON.stringify([from, to]);

function accepts(policy: InternalRedirect, exchange: Exchange, from: string, name: string): boolean {
  if (policy.allowedRoutes !== undefined && !policy.allowedRoutes.includes(name)) return false;
  return !policy.avoidPreviousRoutes || !exchange.redirects.includes(redirectKey(from, name));
}
