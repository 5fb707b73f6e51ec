/**
 * Whether a signature is that of a key in a set. A key serves algorithms of its own type and curve only, so that a public key never becomes a
 * secret. What takes long (long curves, long moduli) is computed on a thread of the pool, the rest at once.
 */
import { constants, createHmac, timingSafeEqual, verify } from 'node:crypto';
import type { Jwk } from './jwk.ts';
import type { Jws } from './jws.ts';
import type { JwtStatus } from './status.ts';

type Done = (status: JwtStatus) => void;

/** Calls `done` once: during the call, or later where a key takes long. */
export function verifyJws(jws: Jws, keys: readonly Jwk[], done: Done): void {
  const named = keys.filter(
    ({ kid, alg }) => (jws.kid === '' || kid === '' || kid === jws.kid) && (alg === '' || alg === jws.alg),
  );
  if (named.length === 0) {
    done('no-such-key');
    return;
  }
  const fitting = named.filter((key) => fits(jws, key));
  if (jws.algorithm.kty === 'OKP' && fitting.length > 0 && jws.signature.length !== jws.algorithm.octets) {
    done('signature-length');
    return;
  }
  tryKeys(jws, fitting, 0, done);
}

function fits({ algorithm }: Jws, key: Jwk): boolean {
  if (algorithm.kty !== key.kty) return false;
  if (algorithm.kty === 'EC') return algorithm.curve === key.curve;
  return algorithm.kty !== 'oct' || key.bits >= algorithm.octets * 8;
}

function tryKeys(jws: Jws, keys: readonly Jwk[], from: number, done: Done): void {
  for (let at = from; at < keys.length; at += 1) {
    const key = keys[at] as Jwk;
    if (isSlow(key)) {
      verifyLater(jws, key, (genuine) => {
        if (genuine) done('ok');
        else tryKeys(jws, keys, at + 1, done);
      });
      return;
    }
    if (verifyNow(jws, key)) {
      done('ok');
      return;
    }
  }
  done('failed');
}

/** P-384 and P-521 take 0.5 to 2 ms; RSA up to 3072 bits, P-256 and Ed25519 0.04 to 0.15 ms, about what handing it over would cost. */
const isSlow = ({ kty, curve, bits }: Jwk): boolean =>
  kty === 'EC' ? curve !== 'P-256' : kty === 'RSA' && bits > 3072;

function verifyNow({ algorithm, signed, signature }: Jws, { key }: Jwk): boolean {
  if (algorithm.kty === 'oct') {
    const expected = createHmac(algorithm.hash, key).update(signed).digest();
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  }
  if (algorithm.kty === 'EC' && signature.length !== algorithm.octets) return false;
  const [hash, options] = parameters(algorithm);
  try {
    return verify(hash, Buffer.from(signed), { key, ...options }, signature);
  } catch {
    return false;
  }
}

function verifyLater({ algorithm, signed, signature }: Jws, { key }: Jwk, done: (genuine: boolean) => void): void {
  if (algorithm.kty === 'EC' && signature.length !== algorithm.octets) {
    done(false);
    return;
  }
  const [hash, options] = parameters(algorithm);
  verify(hash, Buffer.from(signed), { key, ...options }, signature, (error, genuine) =>
    done(error === null && genuine),
  );
}

interface Options {
  readonly padding?: number;
  readonly saltLength?: number;
  readonly dsaEncoding?: 'ieee-p1363';
}

/** PSS with a salt as long as the hash (RFC 7518, 3.5), r and s of a curve one behind the other (3.4). */
function parameters(algorithm: Jws['algorithm']): readonly [hash: string | undefined, options: Options] {
  switch (algorithm.kty) {
    case 'OKP':
      return [undefined, {}];
    case 'EC':
      return [algorithm.hash, { dsaEncoding: 'ieee-p1363' }];
    case 'RSA':
      return [
        algorithm.hash,
        algorithm.pss
          ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
          : { padding: constants.RSA_PKCS1_PADDING },
      ];
    case 'oct':
      return [algorithm.hash, {}];
  }
}
