/** The Location of a redirect (envoy.config.route.v3.RedirectAction). */
import type { RedirectAction } from '../proxy-config/index.ts';
import type { PathRewrite } from './path.ts';
import type { RequestView } from './request.ts';
import { withoutPort } from './route-table.ts';

/** An absolute URL. The port goes when the scheme changes and the port is that of the old scheme, or when the host is replaced. */
export function redirectLocation(
  action: RedirectAction,
  rewrite: PathRewrite | undefined,
  request: RequestView,
): string {
  const scheme = action.scheme ?? request.scheme;
  const asked = asSent(request);
  const old = withoutPort(asked);
  let host = action.host ?? asked;
  if (action.host === undefined && action.scheme !== undefined && action.scheme !== request.scheme) {
    const port = asked.slice(old.length);
    if ((request.scheme === 'http' && port === ':80') || (request.scheme === 'https' && port === ':443')) host = old;
  }
  if (action.port !== undefined) host = `${withoutPort(host)}:${action.port}`;
  const path = rewrite === undefined ? request.path : rewrite(request.path);
  const query = action.stripQuery || request.query === undefined || path.includes('?') ? '' : `?${request.query}`;
  return `${scheme}://${host}${path}${query}`;
}

/** Of an answer that a route gives itself: by 201 and 3xx it names what was asked for, as Envoy's router does (RFC 9110, 10.2.2); undefined by others. */
export function locationOfAnswer(status: number, request: RequestView): string | undefined {
  if (status !== 201 && (status < 300 || status > 399)) return undefined;
  const query = request.query === undefined ? '' : `?${request.query}`;
  return `${request.scheme}://${asSent(request)}${request.path}${query}`;
}

/** The authority in the letters that the client wrote: what routes by it is in lower case, and may have lost its end. */
function asSent(request: RequestView): string {
  const sent = request.header('host')?.slice(0, request.host.length);
  return sent?.toLowerCase() === request.host ? sent : request.host;
}
