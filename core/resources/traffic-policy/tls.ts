/** TLS that the proxy speaks to a service which ends it itself: BackendTLSPolicy in the words of a TrafficPolicy. */
import {
  caCertificateRefs,
  caCertificates,
  checkAuthorities,
  serverName,
  subjectAltNames,
  wellKnownCACertificates,
} from '../gateway/verification.ts';
import type { Complete } from '../schema/schema.ts';
import { object, unsupported } from '../schema/schema.ts';

export const tls = object(
  {
    serverName,
    caCertificates,
    caCertificateRefs,
    wellKnownCACertificates,
    subjectAltNames: subjectAltNames('serverName'),
    clientCertificateRef: unsupported(
      'a sidecar shows no certificate of a Secret, since private keys never leave their host: let a Gateway call the service, with `spec.tls.backend.clientCertificateRef`',
    ),
    insecureSkipVerify: unsupported('a certificate that nobody verifies proves nothing: say its authority'),
  },
  checkAuthorities(['caCertificates', 'caCertificateRefs', 'wellKnownCACertificates']),
);

export type ServiceTls = Complete<typeof tls>;
