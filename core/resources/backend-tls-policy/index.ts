/** Gateway API BackendTLSPolicy v1 (GEP-1897): services that end TLS themselves, and how callers verify them. */
import { backendPortTargetRefs, checkSections } from '../gateway/target-ref.ts';
import {
  caCertificateRefs,
  checkAuthorities,
  serverName,
  subjectAltNames,
  wellKnownCACertificates,
} from '../gateway/verification.ts';
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, labelKey } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { map, object, optional, required, string } from '../schema/schema.ts';
import type { PolicyStatus } from '../status.ts';

const validation = object(
  { caCertificateRefs, wellKnownCACertificates, hostname: serverName, subjectAltNames: subjectAltNames('hostname') },
  checkAuthorities(['caCertificateRefs', 'wellKnownCACertificates']),
);

const spec = object(
  {
    targetRefs: required(
      backendPortTargetRefs,
      'The services (or one port of each, by `sectionName`) that end TLS themselves. Of several policies about the same the one about the port counts, then the oldest, then the first by name; the others get Accepted=False, reason Conflicted.',
    ),
    validation: required(validation, 'How callers verify whom they reached.'),
    options: optional(
      map(string({ minLength: 0, maxLength: 4096 }), { keys: labelKey, maxEntries: 16 }),
      'Weft knows no options: each is reported as unsupported.',
    ),
  },
  ({ targetRefs }, report) => checkSections(targetRefs, report),
);

export type BackendTLSPolicySpec = Complete<typeof spec>;
export type BackendTLSPolicy = StoredObject<BackendTLSPolicySpec, PolicyStatus>;

export const BACKEND_TLS_POLICY = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1', 'v1alpha3'],
  kind: 'BackendTLSPolicy',
  plural: 'backendtlspolicies',
  singular: 'backendtlspolicy',
  shortNames: ['btlspolicy'],
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'Says that a service ends TLS itself, and how callers, gateways and sidecars alike, verify it. For hosts outside the mesh and workloads without a proxy; between proxies mutual TLS of the mesh holds.',
  name: dnsSubdomain,
  spec,
  example: {
    targetRefs: [{ group: '', kind: 'Service', name: 'legacy' }],
    validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }], hostname: 'legacy.example' },
  },
  status: 'policy',
  columns: [
    {
      name: 'Targets',
      type: 'string',
      doc: 'What it is about.',
      priority: 0,
      value: ({ spec: { targetRefs } }) => targetRefs.map(({ kind, name }) => `${kind}/${name}`).join(','),
    },
    {
      name: 'Hostname',
      type: 'string',
      doc: 'spec.validation.hostname',
      priority: 0,
      value: ({ spec }) => spec.validation.hostname,
    },
  ],
});
