/** How callers verify a service that ends TLS itself: what BackendTLSPolicy (Gateway API) and `tls` of TrafficPolicy have in common. */
import { absoluteUri, hostname, pemCertificates, preciseHostname, wellKnownAuthorities } from '../schema/formats.ts';
import { array, object, oneOf, optional, type Report, required, string } from '../schema/schema.ts';
import { authorityLocalRef } from './object-ref.ts';

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

export const caCertificateRefs = optional(
  array(authorityLocalRef, { maxItems: 8 }),
  'ConfigMaps, or Secrets, of the policy’s namespace whose key `ca.crt` holds the authorities that the certificate must come from.',
);

export const caCertificates = optional(
  string({ format: pemCertificates }),
  'The authorities that the certificate must come from, in PEM.',
);

export const wellKnownCACertificates = optional(
  string({ format: wellKnownAuthorities }),
  '`System`: the authorities that the calling host trusts. Other sets are answered by the condition Accepted=False, reason Invalid.',
);

export const preciseServerName = string({ format: preciseHostname });

export const serverName = required(
  preciseServerName,
  'The server name that is sent (SNI), and without `subjectAltNames` the name that the certificate must have.',
);

/** `name`: the field of the server name. */
export const subjectAltNames = (name: string) =>
  optional(
    array(subjectAltName, { maxItems: 5 }),
    `Names of which the certificate must have one, instead of \`${name}\`.`,
  );

interface Authorities {
  readonly caCertificates?: string | undefined;
  readonly caCertificateRefs?: readonly unknown[] | undefined;
  readonly wellKnownCACertificates?: string | undefined;
}

/** Exactly one of them says whom to trust; each of `fields` is one that the kind has. `more`: what else the kind has, which is looked at before. */
export const checkAuthorities =
  (fields: readonly (keyof Authorities)[], ...more: readonly string[]) =>
  (said: Authorities, report: Report): void => {
    const [first, ...others] = fields.filter((field) => (said[field]?.length ?? 0) > 0);
    for (const other of others) report([other], 'exclusive-fields', `is not allowed beside \`${first}\``, 'remove one');
    if (first === undefined) {
      const [own, ...rest] = fields.map((field) =>
        field === 'wellKnownCACertificates' ? '`wellKnownCACertificates: System`' : `\`${field}\``,
      );
      report([], 'missing-field', 'says no authority', `add ${own}, or ${[...rest, ...more].join(', or ')}`);
    }
  };
