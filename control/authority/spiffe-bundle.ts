/**
 * Trust bundles in SPIFFE's form (SPIFFE Trust Domain and Bundle, 4): a JWK set whose keys say by `use` what they verify. `x509-svid` carries one
 * root in `x5c`, `jwt-svid` a public key with a `kid`. Keys of another use are left out, as the standard says; a key that is not as it should be
 * makes the whole bundle none.
 */
import { createPublicKey, X509Certificate } from 'node:crypto';
import type { TrustDomainBundle } from '@weft/core/agent-api';
import { err, ok, type Result } from '@weft/core/kernel';
import { certificatesOf } from './outside-issuer.ts';

type Jwk = Readonly<Record<string, unknown>>;

/** `sequence` grows when the bundle changes; `refreshHint` in seconds. */
export function formatSpiffeBundle(
  { roots, jwks }: TrustDomainBundle,
  { sequence, refreshHint }: { readonly sequence: number; readonly refreshHint: number },
): string {
  const x509 = (certificatesOf(roots) ?? []).map((certificate) => ({
    ...certificate.publicKey.export({ format: 'jwk' }),
    use: 'x509-svid',
    x5c: [certificate.raw.toString('base64')],
  }));
  const { keys } = JSON.parse(jwks) as { readonly keys: readonly Jwk[] };
  const tokens = keys.map((key) => ({ ...key, use: 'jwt-svid' }));
  return `${JSON.stringify({ keys: [...x509, ...tokens], spiffe_sequence: sequence, spiffe_refresh_hint: refreshHint }, null, 2)}\n`;
}

const LONGEST = 1024 * 1024;
const MOST_KEYS = 256;

export interface SpiffeBundle extends TrustDomainBundle {
  /** undefined when it says none. */
  readonly sequence: number | undefined;
  /** Seconds; undefined when it says none. */
  readonly refreshHint: number | undefined;
}

/** The error is a phrase for a person. `trustDomain` is whose bundle it is: the document does not say. */
export function parseSpiffeBundle(trustDomain: string, text: string): Result<SpiffeBundle, string> {
  if (text.length > LONGEST) return err(`longer than ${LONGEST} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err('it is no JSON');
  }
  const top = object(value);
  if (top === undefined || !Array.isArray(top.keys)) return err('it has no list `keys`');
  if (top.keys.length > MOST_KEYS) return err(`more than ${MOST_KEYS} keys`);
  const sequence = whole(top.spiffe_sequence);
  const refreshHint = whole(top.spiffe_refresh_hint);
  if (sequence === null) return err('spiffe_sequence is no whole number');
  if (refreshHint === null) return err('spiffe_refresh_hint is no whole number');
  let roots = '';
  const tokens: Jwk[] = [];
  for (const [index, entry] of (top.keys as readonly unknown[]).entries()) {
    const key = object(entry);
    if (key === undefined || typeof key.kty !== 'string') return err(`keys[${index}] is no JWK`);
    if (key.use === 'x509-svid') {
      const root = rootOf(key);
      if (!root.ok) return err(`keys[${index}]: ${root.error}`);
      roots += root.value;
    } else if (key.use === 'jwt-svid') {
      const { use: _use, ...rest } = key;
      if (typeof key.kid !== 'string' || key.kid === '') return err(`keys[${index}] has no kid`);
      if (!isPublicKey(rest)) return err(`keys[${index}] is no public key`);
      if (tokens.some(({ kid }) => kid === key.kid)) return err(`keys[${index}]: its kid stands twice`);
      tokens.push(rest);
    } else if (typeof key.use !== 'string') return err(`keys[${index}] does not say its use`);
  }
  return ok({ trustDomain, roots, jwks: JSON.stringify({ keys: tokens }), sequence, refreshHint });
}

const object = (value: unknown): Jwk | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : undefined;

/** null when it is something else than a whole number. */
const whole = (value: unknown): number | undefined | null =>
  value === undefined ? undefined : Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;

function rootOf({ x5c }: Jwk): Result<string, string> {
  if (!Array.isArray(x5c) || x5c.length !== 1 || typeof x5c[0] !== 'string')
    return err('expected a single certificate in x5c');
  try {
    return ok(`${new X509Certificate(Buffer.from(x5c[0], 'base64')).toString().trimEnd()}\n`);
  } catch {
    return err('x5c holds no certificate');
  }
}

function isPublicKey(jwk: Jwk): boolean {
  if (jwk.kty !== 'EC' && jwk.kty !== 'RSA') return false;
  try {
    createPublicKey({ key: jwk as Parameters<typeof createPublicKey>[0] & object, format: 'jwk' } as never);
    return true;
  } catch {
    return false;
  }
}
