/** The Gateways of a mesh that Weft serves, each resolved. */
import { resolveGateway, ownClasses, type GatewayDraft } from './gateways.ts';
import type { Grants } from './grants.ts';
import type { Memory } from './memory.ts';
import { keyOf, type Objects } from './objects.ts';

/** Of the classes that Weft serves. */
export function assembleGateways(
  memory: Memory,
  mesh: string,
  { gateways, gatewayClasses, secrets, configMaps }: Objects,
  grants: Grants,
): ReadonlyMap<string, GatewayDraft> {
  const own = ownClasses(gatewayClasses);
  const material = memory.remember(`${mesh} material`, [grants, ...secrets, ...configMaps], () => ({
    secrets: new Map(secrets.map((secret) => [keyOf(secret), secret])),
    configMaps: new Map(configMaps.map((map) => [keyOf(map), map])),
    grants,
  }));
  const drafts = new Map<string, GatewayDraft>();
  for (const gateway of gateways) {
    const key = keyOf(gateway);
    const known = own.get(gateway.spec.gatewayClassName);
    if (known === false) continue;
    drafts.set(
      key,
      memory.remember(`gateway ${key}`, [gateway, material, known], () => resolveGateway(gateway, material, known)),
    );
  }
  return drafts;
}
