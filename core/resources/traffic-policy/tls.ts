/**
 * TLS that the proxy speaks to a service which ends it itself: BackendTLSPolicy in the words of a TrafficPolicy, or mutual TLS with workloads of a
 * foreign trust domain.
 */
import {
  caCertificateRefs,
  caCertificates,
  checkAuthorities,
  preciseServerName,
  subjectAltNames,
  wellKnownCACertificates,
} from '../gateway/verification.ts';
import { dns1035Label, dnsLabel, spiffeId, trustDomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, integer, object, optional, required, string, unsupported } from '../schema/schema.ts';

const federated = object(
  {
    trustDomain: required(
      string({ format: trustDomain }),
      'The foreign trust domain, one of `spec.federation` of the Mesh: the server is verified by its bundle, as it counts at the moment.',
    ),
    service: optional(
      object({
        namespace: required(string({ format: dnsLabel }), 'Its namespace over there.'),
        name: required(string({ format: dns1035Label }), 'Its name over there.'),
        port: required(integer(1, 65_535), 'The port of the Service.'),
      }),
      'The service over there, where the endpoints are a Gateway of another Weft that passes TLS through to services (`weft.dev/passthrough: Services`): the server name is the one that leads there for callers of this mesh.',
    ),
    identities: required(
      array(string({ format: spiffeId }), { minItems: 1, maxItems: 16, uniqueBy: 'item' }),
      'Who the server may be: SPIFFE IDs of that trust domain, of which its certificate must have one.',
    ),
  },
  ({ trustDomain: domain, identities }, report) => {
    for (const [index, id] of identities.entries())
      if (!id.startsWith(`spiffe://${domain}/`))
        report(
          ['identities', index],
          'invalid-value',
          `is not of the trust domain ${domain}, whose bundle says nothing about it`,
          'name a workload of that trust domain',
        );
  },
);

const ALONE = ['caCertificates', 'caCertificateRefs', 'wellKnownCACertificates', 'subjectAltNames'] as const;

export const tls = object(
  {
    serverName: optional(
      preciseServerName,
      'The server name that is sent (SNI), and without `subjectAltNames` the name that the certificate must have. Only with `federated` it may be absent: then it is the one by which sidecars of another Weft know callers of this mesh.',
    ),
    caCertificates,
    caCertificateRefs,
    wellKnownCACertificates,
    subjectAltNames: subjectAltNames('serverName'),
    federated: optional(
      federated,
      'The service is in a foreign trust domain: the caller shows its own certificate, and the server is verified as said here, by no other authority.',
    ),
    clientCertificateRef: unsupported(
      'a sidecar shows no certificate of a Secret, since private keys never leave their host: let a Gateway call the service, with `spec.tls.backend.clientCertificateRef`',
    ),
    insecureSkipVerify: unsupported('a certificate that nobody verifies proves nothing: say its authority'),
  },
  (said, report) => {
    if (said.federated !== undefined) {
      for (const field of ALONE)
        if (said[field] !== undefined)
          report([field], 'exclusive-fields', 'is not allowed beside `federated`', 'remove one');
      if (said.serverName !== undefined && said.federated.service !== undefined)
        report(['serverName'], 'exclusive-fields', 'is said by `federated.service`', 'remove one');
      return;
    }
    if (said.serverName === undefined)
      report(['serverName'], 'missing-field', 'is required and missing', 'add `serverName`');
    checkAuthorities(['caCertificates', 'caCertificateRefs', 'wellKnownCACertificates'], '`federated`')(said, report);
  },
);

export type ServiceTls = Complete<typeof tls>;
