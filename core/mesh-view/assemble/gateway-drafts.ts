/** The Gateways of a mesh that Weft serves, each resolved. */
import type { Material } from './gateway-material.ts';
import { resolveGateway, ownClasses, type GatewayDraft } from './gateways.ts';
import type { Grants } from './grants.ts';
import type { Memory } from './memory.ts';
import { keyOf, type Objects } from './objects.ts';

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
  { gateways, gatewayClasses }: Objects,
  material: Material,
): ReadonlyMap<string, GatewayDraft> {
  const own = ownClasses(gatewayClasses);
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
