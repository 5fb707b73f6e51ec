/** SVIDs as the control plane issues them, one for each trust domain and account, and the certificate of the Gateway. */
import { generateKeyPairSync } from 'node:crypto';
import path from 'node:path';
import { Authority } from '@weft/control/authority';
import { accountOf, CALLED, CALLERS, EDGE, namespaceOf, TRUST_DOMAINS } from './generate/words.ts';

export interface Pair {
  /** PEM. */
  readonly chain: string;
  readonly key: string;
}

export interface Certificates {
  /** By `TRUSTDOMAIN/NAMESPACE/ACCOUNT`. */
  readonly identities: ReadonlyMap<string, Pair>;
  readonly edge: Pair;
  /** PEM, of every trust domain. */
  readonly roots: string;
  /** PEM, of an authority that issued none of these. */
  readonly strangers: string;
}

/** `folder`: of the authority. */
export function certificatesIn(folder: string): Certificates {
  const authority = startedIn(path.join(folder, 'own'));
  const accounts = new Set(
    [...CALLERS, ...CALLED.map(({ key }) => key), EDGE].map((key) => `${namespaceOf(key)}/${accountOf(key)}`),
  );
  const identities = new Map<string, Pair>();
  for (const trustDomain of TRUST_DOMAINS)
    for (const name of accounts) {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const spki = publicKey.export({ format: 'der', type: 'spki' });
      const [namespace = '', account = ''] = name.split('/');
      const svid = authority.issueSvid(spki, `spiffe://${trustDomain}/ns/${namespace}/sa/${account}`, name);
      const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
      identities.set(`${trustDomain}/${name}`, { chain: svid.certificateChain, key });
    }
  const { certificateChain, privateKey } = authority.issueServerIdentity([
    'a.example',
    'sealed.example',
    '*.example',
    '*.a.example',
  ]);
  return {
    identities,
    edge: { chain: certificateChain, key: privateKey },
    roots: authority.roots(),
    strangers: startedIn(path.join(folder, 'strangers')).roots(),
  };
}

function startedIn(folder: string): Authority {
  const authority = new Authority({ folder, clock: { now: () => Date.now() } });
  authority.start();
  return authority;
}
