/** What workloads of one trust domain verify others with: those of meshes that a service is exported between, and foreign ones of their mesh. */
import type { TrustDomainBundle } from '@weft/core/agent-api';
import type { Authorities } from '@weft/control/authority';
import type { Federation } from '@weft/control/federation';
import type { Plane } from '@weft/control/plane';

/** Trust domains of the control plane's own meshes are verified by their own roots, whatever a foreign bundle says. */
export function otherDomains(
  plane: Plane | undefined,
  authorities: Authorities,
  federation: Federation,
  trustDomain: string,
): readonly TrustDomainBundle[] {
  const near = (plane?.neighboursOf(trustDomain) ?? []).flatMap((other) =>
    authorities.has(other) ? [authorities.domain(other)] : [],
  );
  const foreign = [...(plane?.assembly?.views ?? [])]
    .filter(([, view]) => view.mesh.get('')?.trustDomain === trustDomain)
    .flatMap(([mesh]) => federation.federated(mesh))
    .filter((one) => !authorities.has(one.trustDomain));
  return [...near, ...new Map(foreign.map((one) => [one.trustDomain, one])).values()];
}

/** Differs when some foreign bundle does. */
export const foreignBundles = (federation: Federation): string =>
  federation
    .states()
    .map(({ mesh, trustDomain, bundle }) => `${mesh} ${trustDomain} ${JSON.stringify(bundle ?? '')}`)
    .join('\n');
