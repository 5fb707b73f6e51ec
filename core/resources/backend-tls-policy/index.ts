/** Gateway API BackendTLSPolicy v1 (GEP-1897): services that end TLS themselves, and how callers verify them. */
import { authorityLocalRef } from '../gateway/object-ref.ts';
import { backendPortTargetRefs, checkSections } from '../gateway/target-ref.ts';
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import {
  absoluteUri,
  dnsSubdomain,
  hostname,
  labelKey,
  preciseHostname,
  wellKnownAuthorities,
} from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, map, object, oneOf, optional, required, string } from '../schema/schema.ts';
import type { PolicyStatus } from '../status.ts';

/** Gateway API SubjectAltName. */
const subjectAltName = object(
  {
    type: required(oneOf(['Hostname', 'URI']), 'Which kind of name; the field of the same name beside it says it.'),
    hostname: optional(string({ format: hostname }), 'A DNS name; `*.` stands for one label.'),
    uri: optional(string({ format: absoluteUri }), 'A URI, as a SPIFFE ID.'),
  },
  ({ type, ...said }, report) => {
    const [own, other] = type === 'Hostname' ? (['hostname', 'uri'] as const) : (['uri', 'hostname'] as const);
    if (said[own] === undefined) report([own], 'missing-field', `is required with type ${type}`, `add \`${own}\``);
    if (said[other] !== undefined) report([other], 'exclusive-fields', `is not allowed with type ${type}`, 'remove it');
  },
);

const validation = object(
  {
    caCertificateRefs: optional(
      array(authorityLocalRef, { maxItems: 8 }),
      'ConfigMaps, or Secrets, of the policy’s namespace whose key `ca.crt` holds the authorities that the certificate must come from.',
    ),
    wellKnownCACertificates: optional(
      string({ format: wellKnownAuthorities }),
      '`System`: the authorities that the calling host trusts. Other sets are answered by the condition Accepted=False, reason Invalid.',
    ),
    hostname: required(
      string({ format: preciseHostname }),
      'The server name that is sent (SNI), and without `subjectAltNames` the name that the certificate must have.',
    ),
    subjectAltNames: optional(
      array(subjectAltName, { maxItems: 5 }),
      'Names of which the certificate must have one, instead of `hostname`.',
    ),
  },
  ({ caCertificateRefs = [], wellKnownCACertificates }, report) => {
    if (caCertificateRefs.length > 0 && wellKnownCACertificates !== undefined)
      report(
        ['wellKnownCACertificates'],
        'exclusive-fields',
        'is not allowed beside `caCertificateRefs`',
        'remove one',
      );
    if (caCertificateRefs.length === 0 && wellKnownCACertificates === undefined)
      report([], 'missing-field', 'says no authority', 'add `caCertificateRefs`, or `wellKnownCACertificates: System`');
  },
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
