/**
 * The one canonical form of path and host (RFC 3986, 6.2.2; Envoy's HttpConnectionManager options). Computed once, before routes and
 * policies look, and the same text goes upstream: what was judged is what is served.
 */
import type { HttpConnectionManager } from '../proxy-config/index.ts';
import { withoutPort } from './route-table.ts';

export type PathOptions = Pick<HttpConnectionManager, 'normalizePath' | 'mergeSlashes' | 'pathWithEscapedSlashes'>;

export type CanonicalPath =
  | { readonly kind: 'path'; readonly path: string }
  /** Ask the client to come back with this path (302 or 307). */
  | { readonly kind: 'redirect'; readonly path: string }
  /** Answer 400. */
  | { readonly kind: 'refused' };

const REFUSED: CanonicalPath = { kind: 'refused' };
/** `//`, `.`, `%`, `\`: a path without them is canonical already. */
const SUSPECT = /\/\/|\/\.|%|\\/;

/** Whether `path` is certainly canonical under every option. */
export const isPlainPath = (path: string): boolean => !SUSPECT.test(path);

/** `path` starts with `/` and has no query. */
export function canonicalPath(path: string, options: PathOptions): CanonicalPath {
  if (isPlainPath(path)) return { kind: 'path', path };
  let text = path;
  let redirect = false;
  if (/%00/.test(text)) return REFUSED;
  if (options.pathWithEscapedSlashes !== 'keep-unchanged' && /%(?:2[fF]|5[cC])/.test(text)) {
    if (options.pathWithEscapedSlashes === 'reject-request') return REFUSED;
    redirect = options.pathWithEscapedSlashes === 'unescape-and-redirect';
    text = text.replace(/%2[fF]/g, '/').replace(/%5[cC]/g, '\\');
  }
  if (options.normalizePath) {
    const normal = normalise(text);
    if (normal === undefined) return REFUSED;
    text = normal;
  }
  if (options.mergeSlashes) text = text.replace(/\/{2,}/g, '/');
  return redirect ? { kind: 'redirect', path: text } : { kind: 'path', path: text };
}

const UNRESERVED = /^[A-Za-z0-9\-._~]$/;

/**
 * RFC 3986, 6.2.2.2 and 6.2.2.3: percent-encoded unreserved characters decoded once, other escapes as sent (Envoy does not normalise
 * their case), `\` as `/`, dot segments removed, with parameters (`..;x`) too: servers that take parameters off see dots (as Envoy 1.40).
 * Undefined: a malformed escape.
 */
function normalise(path: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return undefined;
  const decoded = path
    .replace(/%([0-9a-fA-F]{2})/g, (escape, digits: string) => {
      const character = String.fromCharCode(Number.parseInt(digits, 16));
      return UNRESERVED.test(character) ? character : escape;
    })
    .replace(/\\/g, '/');
  const kept: string[] = [];
  const segments = decoded.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..' || segment.startsWith('..;')) {
      kept.pop();
      if (isLast) kept.push('');
    } else if (segment === '.' || segment.startsWith('.;')) {
      if (isLast) kept.push('');
    } else kept.push(segment);
  }
  return `/${kept.join('/')}`;
}

export type HostOptions = Pick<
  HttpConnectionManager,
  'stripAnyHostPort' | 'stripMatchingHostPort' | 'stripTrailingHostDot'
>;

/** Lower case; port and trailing dot as configured. `listenerPort` is the port that `stripMatchingHostPort` compares with. */
export function canonicalHost(host: string, options: HostOptions, listenerPort: number): string {
  let text = host.toLowerCase();
  if (options.stripAnyHostPort) text = withoutPort(text);
  else if (options.stripMatchingHostPort && text.endsWith(`:${listenerPort}`)) text = withoutPort(text);
  if (options.stripTrailingHostDot) {
    const bare = withoutPort(text);
    if (bare.endsWith('.') && bare.length > 1) text = bare.slice(0, -1) + text.slice(bare.length);
  }
  return text;
}
