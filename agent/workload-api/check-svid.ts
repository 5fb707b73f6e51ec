/**
 * Whether what somebody else's Workload API sent is an X.509-SVID (SPIFFE X509-SVID, 3 to 5) that this workload can use: its form, its names,
 * and that the key is its own. Whether a peer believes it is said by the peer's roots.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { parseSpiffeId } from '@weft/core/identity';
import { claimsAuthority, leafUsageFault, signsCertificates } from '@weft/wire/der';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** A phrase for a person, without any part of the key; undefined: it can be used. */
export function svidFault(certificateChain: string, privateKey: string): string | undefined {
  let chain: X509Certificate[];
  try {
    chain = (certificateChain.match(BLOCK) ?? []).map((block) => new X509Certificate(block));
  } catch {
    return 'a certificate of the chain is none';
  }
  const [leaf, ...links] = chain;
  if (leaf === undefined) return 'there is no certificate';
  const names = leaf.subjectAltName?.split(', ') ?? [];
  const [uri = '', ...more] = names.filter((name) => name.startsWith('URI:'));
  const id = parseSpiffeId(uri.slice('URI:'.length));
  if (more.length > 0 || !id.ok || id.value.path === '') return 'its name is not one SPIFFE ID of a workload';
  if (claimsAuthority(leaf.raw)) return 'the leaf is an authority';
  const fault = leafUsageFault(leaf.raw);
  if (fault !== undefined) return fault;
  if (links.some((link) => !claimsAuthority(link.raw))) return 'an intermediate is no authority';
  if (links.some((link) => !signsCertificates(link.raw))) return 'an intermediate may not sign certificates';
  try {
    return leaf.checkPrivateKey(createPrivateKey(privateKey)) ? undefined : 'the key is not that of the leaf';
  } catch {
    return 'the key is none';
  }
}
