/**
 * JWT-SVIDs (SPIFFE JWT-SVID, 3 to 5): verified with the keys of the trust domain that the subject is in, for the audience that was asked for.
 * Signatures of RSA and of NIST curves only; a token without an end is none.
 */
import type { TokenVerifier } from '@weft/agent/agent';
import { parseSpiffeId } from '@weft/core/identity';
import { err, ok, type Result, type WallClock } from '@weft/core/kernel';
import { type Jwt, parseJwkSet, parseJwt, statusText, timeFault, verifyJws } from '@weft/proxy/jwt';

/** JWT-SVID, 3.1: no HMAC, no EdDSA. */
const KEY_TYPES: readonly string[] = ['RSA', 'EC'];
/** s that clocks may differ. */
const SKEW = 30;

export const tokenVerifier =
  (clock: WallClock): TokenVerifier =>
  async (token, audience, jwks) => {
    const jwt = parseJwt(token);
    if (typeof jwt === 'string') return err(statusText(jwt));
    const subject = checked(jwt, audience, Math.floor(clock.now() / 1000));
    if (!subject.ok) return subject;
    const set = parseJwkSet(Buffer.from(jwks.get(subject.value) ?? '{}'));
    if (typeof set === 'string') return err(`there are no keys of the trust domain ${subject.value}`);
    const status = await new Promise<Parameters<Parameters<typeof verifyJws>[2]>[0]>((done) =>
      verifyJws(jwt.jws, set.keys, done),
    );
    return status === 'ok' ? ok({ spiffeId: jwt.subject, claims: jwt.payload }) : err(statusText(status));
  };

/** The trust domain of a token whose claims hold. */
function checked(jwt: Jwt, audience: string, now: number): Result<string, string> {
  if (!KEY_TYPES.includes(jwt.jws.algorithm.kty)) return err('this algorithm is not one of JWT-SVIDs');
  const { typ } = jwt.jws.header;
  if (typ !== undefined && typ !== 'JWT' && typ !== 'JOSE') return err('typ is neither JWT nor JOSE');
  const id = parseSpiffeId(jwt.subject);
  if (!id.ok) return err('the subject is no SPIFFE ID');
  if (jwt.expires === 0) return err('exp is missing');
  const fault = timeFault(jwt, now, SKEW);
  if (fault !== undefined) return err(statusText(fault));
  return jwt.audiences.includes(audience) ? ok(id.value.trustDomain) : err('the token is not for this audience');
}
