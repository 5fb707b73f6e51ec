/**
 * SPIFFE IDs (SPIFFE-ID standard, 2): `spiffe://TRUSTDOMAIN/PATH`. Strict: no percent-encoding, no port, no user, no query, no empty
 * or dot segment, at most 2048 bytes; what is not in that form is no identity.
 */
import { err, ok, type Result } from '../kernel/index.ts';

export interface SpiffeId {
  readonly trustDomain: string;
  /** '' for the trust domain itself, else beginning with `/`. */
  readonly path: string;
}

export const MAX_SPIFFE_ID_BYTES = 2048;
export const MAX_TRUST_DOMAIN_BYTES = 255;

const SCHEME = 'spiffe://';
const TRUST_DOMAIN = /^[a-z0-9._-]+$/;
const SEGMENT = /^[a-zA-Z0-9._-]+$/;

/** undefined when `text` is a trust domain, else what is wrong, as a phrase. */
export function trustDomainError(text: string): string | undefined {
  if (text === '') return 'the trust domain is empty';
  if (text.length > MAX_TRUST_DOMAIN_BYTES) return `the trust domain is longer than ${MAX_TRUST_DOMAIN_BYTES} bytes`;
  return TRUST_DOMAIN.test(text) ? undefined : 'a trust domain holds lower-case letters, digits, `.`, `-` and `_` only';
}

function pathError(path: string): string | undefined {
  if (path === '') return undefined;
  for (const segment of path.slice(1).split('/')) {
    if (segment === '') return 'the path has an empty segment or ends with `/`';
    if (segment === '.' || segment === '..') return 'the path has a dot segment';
    if (!SEGMENT.test(segment)) return 'a path segment holds letters, digits, `.`, `-` and `_` only';
  }
  return undefined;
}

/** The error is a phrase for a person. */
export function parseSpiffeId(text: string): Result<SpiffeId, string> {
  if (text.length > MAX_SPIFFE_ID_BYTES) return err(`an identity has at most ${MAX_SPIFFE_ID_BYTES} bytes`);
  if (!text.startsWith(SCHEME)) return err('an identity begins with `spiffe://`');
  const rest = text.slice(SCHEME.length);
  const slash = rest.indexOf('/');
  const trustDomain = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : rest.slice(slash);
  const reason = trustDomainError(trustDomain) ?? pathError(path);
  return reason === undefined ? ok({ trustDomain, path }) : err(reason);
}

export const formatSpiffeId = ({ trustDomain, path }: SpiffeId): string => `${SCHEME}${trustDomain}${path}`;

/**
 * A label of DNS that stands for a trust domain, which may itself be no name of DNS: 16 hexadecimal digits (FNV-1a, 64 bits). It tells trust
 * domains apart where both ends mean well; it proves nothing.
 */
export function trustDomainLabel(trustDomain: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let at = 0; at < trustDomain.length; at += 1)
    hash = ((hash ^ BigInt(trustDomain.charCodeAt(at))) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}

/** Server name of a port of a service (`namespace/name`) within its own trust domain: unlike any DNS name of the service. */
export const serviceServerName = (service: string, port: number, trustDomain: string): string => {
  const [namespace = '', name = ''] = service.split('/');
  return `${port}.${name}.${namespace}.${trustDomain}`;
};

/**
 * Server name (SNI) that callers of another trust domain use towards a sidecar: it says whose roots they are verified under. A mesh's own callers
 * name the service.
 */
export const guestServerName = (trustDomain: string): string => `${trustDomainLabel(trustDomain)}.guest.weft.internal`;

/** The same at a gateway that passes TLS through: the service (`namespace/name`), and whose roots its callers are verified by. */
export const passedGuestName = (service: string, port: number, trustDomain: string): string =>
  serviceServerName(service, port, guestServerName(trustDomain));
