/** `/weft/v1/certificates`: who holds which certificate, for the dashboard. Certificates themselves are told to their holders alone. */
import { answer, type ExtraRoute, hasRole } from '@weft/control/api';
import type { Plane } from '@weft/control/plane';
import type { Registry } from '@weft/control/registry';
import type { CertificatesDocument, CertificateState } from '@weft/core/documents';
import { identityOf } from '@weft/core/identity';
import type { CertificateEnds } from './certificate-ends.ts';

export interface CertificatePagesOptions {
  readonly plane: Pick<Plane, 'objects'>;
  readonly registry: Pick<Registry, 'holderOf'>;
  readonly ends: Pick<CertificateEnds, 'get'>;
  /** SHA-256 of the root of the newest certificate, by registration. */
  readonly issuedUnder: ReadonlyMap<string, string>;
}

export const certificatePages = (options: CertificatePagesOptions): ExtraRoute[] => [
  {
    method: 'GET',
    path: '/weft/v1/certificates',
    allowed: (user) => hasRole(user, 'view'),
    run: () => answer({ certificates: certificates(options) } satisfies CertificatesDocument),
  },
];

export function certificates({ plane, registry, ends, issuedUnder }: CertificatePagesOptions): CertificateState[] {
  const found: CertificateState[] = [];
  for (const { kind, metadata } of plane.objects.objects) {
    if (kind !== 'Workload') continue;
    const { namespace, name } = metadata;
    const holder = registry.holderOf(`${namespace}/${name}`);
    if (holder === undefined) continue;
    const { id, binding } = holder;
    const end = ends.get(id);
    found.push({
      namespace,
      name,
      mesh: binding.mesh,
      identity: identityOf(binding.trustDomain, binding.namespace, binding.account),
      registration: id,
      root: issuedUnder.get(id) ?? '',
      expires: end === undefined ? '' : new Date(end).toISOString(),
    });
  }
  return found.sort((a, b) => (`${a.namespace}/${a.name}` < `${b.namespace}/${b.name}` ? -1 : 1));
}
