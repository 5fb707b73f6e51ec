/**
 * What Gateways refer to, by the names that configurations use: certificates with keys, authorities. Read from the objects when it is sent, so
 * that no view, no cache and no configuration ever holds a key.
 */
import { authoritiesName, certificateName, type GatewayMaterial } from '@weft/core/agent-api';
import { authoritiesOf, type Assembly, type GatewayRow, nameOf, namespaceOf } from '@weft/core/mesh-view';
import {
  CERTIFICATE_KEY,
  CONFIG_MAP,
  type ConfigMap,
  PRIVATE_KEY,
  SECRET,
  type Secret,
  secretText,
} from '@weft/core/resources';
import type { ObjectSet } from './object-set.ts';

/** By key of the Gateway; undefined: there is no such Gateway, or it needs nothing. */
export function gatewayMaterial(
  assembly: Assembly,
  objects: ObjectSet,
): (gateway: string) => GatewayMaterial | undefined {
  const rowOf = (key: string): GatewayRow | undefined => {
    for (const view of assembly.views.values()) {
      const row = view.gateway.get(key);
      if (row !== undefined) return row;
    }
    return undefined;
  };
  const object = (kind: typeof SECRET | typeof CONFIG_MAP, key: string): unknown =>
    objects.latest({ group: kind.group, kind: kind.kind, namespace: namespaceOf(key), name: nameOf(key) });
  return (gateway) => {
    const { listeners = [], backendCertificate = '' } = rowOf(gateway) ?? {};
    const secrets = new Set([
      ...listeners.flatMap(({ certificates }) => certificates),
      ...(backendCertificate === '' ? [] : [backendCertificate]),
    ]);
    const bundles = new Map(
      listeners
        .filter(({ clientAuthorities }) => clientAuthorities.length > 0)
        .map(({ clientAuthorities }) => [authoritiesName(clientAuthorities), clientAuthorities]),
    );
    const certificates = [...secrets].flatMap((key) => {
      const secret = object(SECRET, key) as Secret | undefined;
      const certificateChain = secret === undefined ? undefined : secretText(secret, CERTIFICATE_KEY);
      const privateKey = secret === undefined ? undefined : secretText(secret, PRIVATE_KEY);
      return certificateChain === undefined || privateKey === undefined
        ? []
        : [{ name: certificateName(key), certificateChain, privateKey }];
    });
    const authorities = [...bundles].map(([name, keys]) => ({
      name,
      roots: keys
        .flatMap((key) => {
          const map = object(CONFIG_MAP, key) as ConfigMap | undefined;
          return map === undefined ? [] : (authoritiesOf(map) ?? []);
        })
        .join('\n'),
    }));
    return { certificates, authorities };
  };
}
