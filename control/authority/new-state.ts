/** What an authority begins with: a root and an intermediate under it, made here or taken from an issuer outside. */
import { randomBytes } from 'node:crypto';
import type { AuthorityState, IssuerKind, StoredIntermediate, StoredRoot } from './authority-file.ts';
import type { ObtainedIssuer } from './outside-issuer.ts';
import { CaCertificate, privateKeyPem, SigningKey } from './signing-key.ts';

const DAY = 86_400_000;
const ROOT_LIFE = 3650 * DAY;
const INTERMEDIATE_LIFE = 365 * DAY;
/** ms: certificates are valid from a minute before they are made, since clocks of peers differ. */
export const ROOT_BACKDATE = 60_000;

/** A new self-signed root of our own. */
export function ownRoot(now: number): { readonly certificate: string; readonly key: string } {
  const name = `Weft root ${randomBytes(4).toString('hex')}`;
  return SigningKey.make(name, { notBefore: now - ROOT_BACKDATE, notAfter: now + ROOT_LIFE }, undefined);
}

/** A new intermediate under a root of our own; undefined when its key is kept elsewhere. */
export function intermediateUnder(root: StoredRoot | undefined, now: number): StoredIntermediate | undefined {
  if (root?.key === undefined) return undefined;
  const by = new SigningKey({ certificate: root.certificate, key: root.key });
  const validity = { notBefore: now - ROOT_BACKDATE, notAfter: Math.min(now + INTERMEDIATE_LIFE, by.notAfter) };
  return { ...SigningKey.make('Weft intermediate', validity, by), chain: '' };
}

export function firstState(now: number): AuthorityState {
  const root: StoredRoot = { ...ownRoot(now), issuer: 'own' };
  const intermediate = intermediateUnder(root, now);
  if (intermediate === undefined) throw new TypeError('a root of our own has its key');
  return begun(root, intermediate);
}

export function outsideState(issuer: ObtainedIssuer, from: IssuerKind): AuthorityState {
  const { certificate, chain, key } = issuer;
  const root: StoredRoot = { certificate: issuer.root, key: undefined, issuer: from };
  return begun(root, { certificate, chain, key: privateKeyPem(key) });
}

function begun(root: StoredRoot, intermediate: StoredIntermediate): AuthorityState {
  const { sha256 } = new CaCertificate(root.certificate);
  return {
    roots: { [sha256]: root },
    rotation: { current: sha256, next: undefined, old: undefined, promotedAt: 0 },
    intermediate,
    nextIntermediate: undefined,
    crossCertificates: [],
    longestLife: 0,
    tokenKeys: [],
  };
}
