/** The issuers outside that the flags of `weft up` name. A folder may hold one of its own for each trust domain beside that of the primary. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { IssuerFiles, type OutsideIssuer, Signer, type SignerAddress } from '@weft/control/authority';
import type { WallClock } from '@weft/core/kernel';

export function outsideIssuers(
  flags: { readonly issuerFiles?: string | undefined; readonly signer?: SignerAddress | undefined },
  trustDomain: string,
  clock: WallClock,
): readonly OutsideIssuer[] {
  const { issuerFiles, signer } = flags;
  // A prefix, since `..` is a trust domain too.
  const own = issuerFiles === undefined ? '' : path.join(issuerFiles, `domain-${trustDomain}`);
  return [
    ...(issuerFiles === undefined ? [] : [new IssuerFiles(existsSync(own) ? own : issuerFiles, clock)]),
    ...(signer === undefined ? [] : [new Signer({ address: signer, trustDomain, clock })]),
  ];
}
