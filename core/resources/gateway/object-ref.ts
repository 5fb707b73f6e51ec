/** Gateway API SecretObjectReference and ObjectReference: key material and authorities, by name. */
import { dnsLabel, dnsSubdomain, group, kindName } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { defaulted, object, optional, required, string } from '../schema/schema.ts';

const FOREIGN = 'Absent: the one of the referring object. Another one needs a ReferenceGrant there.';

export const secretRef = object({
  group: defaulted(string({ format: group, minLength: 0 }), '', 'The group; `""` for a Secret.'),
  kind: defaulted(string({ format: kindName }), 'Secret', 'The kind: `Secret`.'),
  name: required(string({ format: dnsSubdomain }), 'The Secret’s name.'),
  namespace: optional(string({ format: dnsLabel }), `The Secret’s namespace. ${FOREIGN}`),
});

export type SecretRef = Complete<typeof secretRef>;

export const authorityRef = object({
  group: required(string({ format: group, minLength: 0 }), 'The group; `""` for a ConfigMap.'),
  kind: required(string({ format: kindName }), 'The kind: `ConfigMap`, whose key `ca.crt` holds PEM certificates.'),
  name: required(string({ format: dnsSubdomain }), 'The ConfigMap’s name.'),
  namespace: optional(string({ format: dnsLabel }), `The ConfigMap’s namespace. ${FOREIGN}`),
});

export type AuthorityRef = Complete<typeof authorityRef>;

/** LocalObjectReference of policies: authorities of their own namespace. */
export const authorityLocalRef = object({
  group: required(string({ format: group, minLength: 0 }), 'The group; `""` for a ConfigMap and a Secret.'),
  kind: required(
    string({ format: kindName }),
    'The kind: `ConfigMap` or `Secret`, whose key `ca.crt` holds PEM certificates.',
  ),
  name: required(string({ format: dnsSubdomain }), 'Its name.'),
});
