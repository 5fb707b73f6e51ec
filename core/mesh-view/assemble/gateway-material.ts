/** Certificates and authorities that a Gateway refers to: there, of the right kind, and permitted. Values are looked at, never kept. */
import {
  AUTHORITIES_KEY,
  type AuthorityRef,
  type ConfigMap,
  type Gateway,
  GATEWAY_GROUP,
  type GatewayListener,
  type Secret,
  type SecretRef,
} from '../../resources/index.ts';
import { objectKey } from '../keys.ts';
import { frontendOf, type ListenerOwner } from './gateways.ts';
import { type Grants, permits } from './grants.ts';
import type { Fault } from './status.ts';

/** By key. */
export interface Material {
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  readonly grants: Grants;
}

export function certificateFaults(
  gateway: ListenerOwner,
  listener: GatewayListener,
  path: string,
  material: Material,
): Fault[] {
  if (listener.tls?.mode === 'Passthrough') return [];
  return (listener.tls?.certificateRefs ?? []).flatMap((ref, index) =>
    secretFaults(gateway, ref, `${path}.tls.certificateRefs[${index}]`, 'InvalidCertificateRef', material),
  );
}

/** Of the certificate that the gateway shows to backends. */
export function backendCertificateFaults(gateway: Gateway, material: Material): Fault[] {
  const ref = gateway.spec.tls?.backend?.clientCertificateRef;
  return ref === undefined
    ? []
    : secretFaults(gateway, ref, 'spec.tls.backend.clientCertificateRef', 'InvalidClientCertificateRef', material);
}

const secretFaults = (
  gateway: ListenerOwner,
  ref: SecretRef,
  path: string,
  reason: string,
  material: Material,
): Fault[] =>
  faultOf(gateway, ref, path, reason, material, (key) =>
    ref.group !== '' || ref.kind !== 'Secret'
      ? { field: 'kind', message: `a ${ref.kind} holds no certificate`, remedy: 'refer to a Secret' }
      : material.secrets.has(key)
        ? undefined
        : absent('Secret', ref.name, key),
  );

export function authorityFaults(gateway: Gateway, port: number, material: Material): Fault[] {
  const frontend = gateway.spec.tls?.frontend;
  const index = frontend?.perPort?.findIndex((entry) => entry.port === port) ?? -1;
  const base = `spec.tls.frontend.${index < 0 ? 'default' : `perPort[${index}].tls`}.validation`;
  return (frontendOf(gateway, port)?.caCertificateRefs ?? []).flatMap((ref, at) =>
    faultOf(gateway, ref, `${base}.caCertificateRefs[${at}]`, 'InvalidCACertificateRef', material, (key) => {
      if (ref.group !== '' || ref.kind !== 'ConfigMap')
        return { field: 'kind', message: `a ${ref.kind} holds no authorities`, remedy: 'refer to a ConfigMap' };
      const map = material.configMaps.get(key);
      if (map === undefined) return absent('ConfigMap', ref.name, key);
      return authoritiesOf(map) === undefined
        ? {
            field: 'name',
            message: `ConfigMap ${ref.name} has no PEM certificate at the key ${AUTHORITIES_KEY}`,
            remedy: 'put the authorities there',
          }
        : undefined;
    }),
  );
}

/** PEM; undefined: the ConfigMap holds none. */
export function authoritiesOf({ spec }: ConfigMap): string | undefined {
  const text = spec.data?.[AUTHORITIES_KEY];
  return text?.includes('-----BEGIN CERTIFICATE-----') === true ? text : undefined;
}

interface Wrong {
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

const absent = (kind: string, name: string, key: string): Wrong => ({
  field: 'name',
  message: `there is no ${kind} ${name} in namespace ${key.slice(0, key.indexOf('/'))}`,
  remedy: 'create it, or correct the name',
});

function faultOf(
  owner: ListenerOwner,
  ref: SecretRef | AuthorityRef,
  path: string,
  reason: string,
  { grants }: Material,
  wrong: (key: string) => Wrong | undefined,
): Fault[] {
  const own = owner.metadata.namespace;
  const namespace = ref.namespace ?? own;
  const from = { group: GATEWAY_GROUP, kind: owner.kind, namespace: own };
  if (!permits(grants, from, { group: ref.group, kind: ref.kind, namespace, name: ref.name })) {
    return [
      {
        reason: 'RefNotPermitted',
        path: `${path}.namespace`,
        message: `no ReferenceGrant in namespace ${namespace} permits a ${owner.kind} of ${own} to refer to ${ref.kind} ${ref.name}`,
        remedy: 'make one there',
      },
    ];
  }
  const found = wrong(objectKey(namespace, ref.name));
  return found === undefined
    ? []
    : [{ reason, path: `${path}.${found.field}`, message: found.message, remedy: found.remedy }];
}
