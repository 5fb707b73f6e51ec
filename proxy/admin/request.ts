/**
 * A very small, strict reader of one HTTP/1.1 request (RFC 9112) for the admin port: no chunked bodies, no folding, bare CR or LF, no pipelining; what
 * is not in that form is 400. It must never read more than `MAX_HEAD` and `MAX_BODY`.
 */
export const MAX_HEAD = 16_384;
export const MAX_BODY = 65_536;

export interface AdminRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly host: string;
  /** Accept; '' without. */
  readonly accept: string;
  /** A browser sends it for a page of another site (Fetch standard: Origin, Sec-Fetch-Site). */
  readonly foreign: boolean;
}

export type ReadOutcome =
  | { readonly kind: 'more' }
  | { readonly kind: 'refused'; readonly status: 400 | 413 | 431 | 505 }
  | { readonly kind: 'request'; readonly request: AdminRequest };

const READ: ReadonlySet<string> = new Set(['host', 'content-length', 'origin', 'sec-fetch-site', 'accept']);
const MORE: ReadOutcome = { kind: 'more' };
const refused = (status: 400 | 413 | 431 | 505): ReadOutcome => ({ kind: 'refused', status });

/** `bytes` is everything that came, as latin1 text. */
export function readAdminRequest(bytes: string): ReadOutcome {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return bytes.length > MAX_HEAD ? refused(431) : MORE;
  if (end > MAX_HEAD) return refused(431);
  const [line = '', ...fields] = bytes.slice(0, end).split('\r\n');
  const match = /^([A-Z]{1,16}) (\/[\x21-\x7e]*) HTTP\/(\d\.\d)$/.exec(line);
  if (match === null) return refused(400);
  const [, method = '', target = '', version = ''] = match;
  if (version !== '1.1' && version !== '1.0') return refused(505);
  let host = '';
  let origin = '';
  let site = '';
  let accept = '';
  let length = 0;
  const seen = new Set<string>();
  for (const field of fields) {
    const parts = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e\x80-\xff\t]*?)[ \t]*$/.exec(field);
    if (parts === null) return refused(400);
    const name = (parts[1] ?? '').toLowerCase();
    const value = parts[2] ?? '';
    if (name === 'transfer-encoding') return refused(400);
    if (!READ.has(name)) continue;
    if (name === 'accept') {
      accept = accept === '' ? value : `${accept}, ${value}`;
      continue;
    }
    if (seen.has(name)) return refused(400);
    seen.add(name);
    if (name === 'host') host = value;
    else if (name === 'origin') origin = value;
    else if (name === 'sec-fetch-site') site = value;
    else if (/^\d{1,9}$/.test(value)) length = Number(value);
    else return refused(400);
  }
  if (version === '1.1' && !seen.has('host')) return refused(400);
  if (length > MAX_BODY) return refused(413);
  if (bytes.length < end + 4 + length) return MORE;
  const question = target.indexOf('?');
  return {
    kind: 'request',
    request: {
      method,
      path: question < 0 ? target : target.slice(0, question),
      query: new URLSearchParams(question < 0 ? '' : target.slice(question + 1)),
      host,
      accept,
      foreign: !['', `http://${host}`].includes(origin) || !['', 'none', 'same-origin'].includes(site),
    },
  };
}

/** Names a page on this machine can be asked by; anything else is a page of another site that was rebound to us. */
export function isLocalHost(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, '');
  return name === '' || name === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(name) || name === '[::1]';
}
