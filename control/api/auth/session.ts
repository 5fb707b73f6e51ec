/**
 * Signing in from a browser: the token of a user in a cookie that scripts cannot read and other sites cannot send. Such a request may read
 * and nothing else, so that no page can change something in its user's name.
 */
import type { IncomingMessage } from 'node:http';

const NAME = '__Host-weft-session';

/** Calls that read though they are POST, since a query, or objects that are asked about, can be longer than a URL. */
const READING_POSTS = /^\/weft\/v1\/(?:plan|prometheus\/api\/v1\/(?:query|query_range|series|labels))$/;

/** `Set-Cookie` for the token; '' ends the session. */
export const sessionCookie = (token: string): string =>
  `${NAME}=${token}; Path=/; Secure; HttpOnly; SameSite=Strict${token === '' ? '; Max-Age=0' : ''}`;

/** The token that a browser's request brings, for what it may do; undefined for everything else. */
export function sessionToken({ headers, method, url = '' }: IncomingMessage): string | undefined {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return undefined;
  const path = url.split('?', 1)[0] ?? '';
  if (method !== 'GET' && method !== 'HEAD' && !(method === 'POST' && READING_POSTS.test(path))) return undefined;
  for (const pair of (headers.cookie ?? '').split(';')) {
    const equals = pair.indexOf('=');
    if (pair.slice(0, equals).trim() === NAME && /^[\w.~-]{1,512}$/.test(pair.slice(equals + 1).trim()))
      return pair.slice(equals + 1).trim();
  }
  return undefined;
}
