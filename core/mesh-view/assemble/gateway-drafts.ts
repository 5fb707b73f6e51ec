/** The Gateways of a mesh that Weft serves, each resolved. */
import type { Material } from './gateway-material.ts';
import { resolveGateway, ownClasses, type GatewayDraft } from './gateways.ts';
import type { Grants } from './grants.ts';
import type { Memory } from './memory.ts';
import { selects } from './gateway-parents.ts';
import { byAge, keyOf, type Objects } from './objects.ts';
import type { Gateway, ListenerSet } from '../../resources/index.ts';
import type { NamespaceRow } from '../rows.ts';

/** What may be referred to, in one mesh. */
export const assembleMaterial = (
  memory: Memory,
  mesh: string,
  { secrets, configMaps }: Objects,
  grants: Grants,
): Material =>
  memory.remember(`${mesh} material`, [grants, ...secrets, ...configMaps], () => ({
    secrets: new Map(secrets.map((secret) => [keyOf(secret), secret])),
    configMaps: new Map(configMaps.map((map) => [keyOf(map), map])),
    grants,
  }));

/** Of the classes that Weft serves. */
export function assembleGateways(
  memory: Memory,
  { gateways, gatewayClasses, listenerSets }: Objects,
  material: Material,
  namespaces: ReadonlyMap<string, NamespaceRow>,
): ReadonlyMap<string, GatewayDraft> {
  const own = ownClasses(gatewayClasses);
  const byGateway = Map.groupBy(listenerSets, gatewayOf);
  const drafts = new Map<string, GatewayDraft>();
  for (const gateway of gateways) {
    const key = keyOf(gateway);
    const known = own.get(gateway.spec.gatewayClassName);
    if (known === false) continue;
    const sets = (byGateway.get(key) ?? []).filter((set) => letsIn(gateway, set, namespaces)).toSorted(byAge);
    drafts.set(
      key,
      memory.remember(`gateway ${key}`, [gateway, material, known, ...sets], () =>
        resolveGateway(gateway, sets, material, known),
      ),
    );
  }
  return drafts;
}

/** Key of the Gateway that a set wants to add to. */
export const gatewayOf = ({ metadata, spec: { parentRef } }: ListenerSet): string =>
  `${parentRef.namespace ?? metadata.namespace}/${parentRef.name}`;

/** Gateway API, AllowedListeners. */
function letsIn(
  gateway: Gateway,
  { metadata: { namespace } }: ListenerSet,
  namespaces: ReadonlyMap<string, NamespaceRow>,
): boolean {
  const { from, selector } = gateway.spec.allowedListeners.namespaces;
  if (from === 'All') return true;
  if (from === 'Same') return namespace === gateway.metadata.namespace;
  return (
    from === 'Selector' &&
    selector !== undefined &&
    selects(selector, namespaces.get(namespace)?.labels ?? {}, namespace)
  );
}
