/** Who trusts what and holds which certificate, put together from the registry for the authority's changes. */
import type { Authorities, TrustHolders } from '@weft/control/authority';
import type { Plane } from '@weft/control/plane';
import type { Registry } from '@weft/control/registry';

/** `issuedUnder`: SHA-256 of the root of the newest certificate, by registration. */
export function trustHolders(
  registry: Registry,
  authorities: Authorities,
  plane: Plane,
  issuedUnder: ReadonlyMap<string, string>,
): TrustHolders {
  return {
    lagging: () =>
      registry.lagging(
        (trustDomain) => authorities.bundle(trustDomain),
        (namespace) => plane.meshOf(namespace)?.trustDomain,
      ),
    outdated: (trustDomain, root) =>
      [...registry.attached(trustDomain)].flatMap(([workload, registration]) =>
        issuedUnder.get(registration) === root ? [] : [workload],
      ),
    renew: (trustDomain, within) => registry.renew(registry.attached(trustDomain).keys(), within),
  };
}
