/** `/certs`: certificates and roots that the configuration names, as far as they are there. Public parts only. */
import { X509Certificate } from 'node:crypto';
import type { CertificateSource, PeerValidation } from '@weft/core/proxy-config';
import type { AdminSubject } from './subject.ts';

const DAY = 86_400_000;

export function certificatesPage(subject: AdminSubject): unknown {
  const sources = new Map<string, CertificateSource>();
  const trusts = new Map<string, PeerValidation['trust']>();
  const { clusters, listeners } = subject.config;
  const chains = [...listeners.values()].flatMap((row) => [
    ...row.filterChains,
    ...(row.defaultFilterChain === undefined ? [] : [row.defaultFilterChain]),
  ]);
  for (const { transport } of [...clusters.values(), ...chains]) {
    if (transport.kind !== 'tls') continue;
    for (const source of transport.certificates) sources.set(JSON.stringify(source), source);
    if (transport.validation !== undefined)
      trusts.set(JSON.stringify(transport.validation.trust), transport.validation.trust);
  }
  const now = subject.now;
  return {
    certificates: [...sources.values()].map((source) => ({
      name: source.kind === 'sds' ? source.name : source.certificateChain,
      cert_chain: read(() => subject.material.certificate(source).certificateChain, now),
    })),
    ca_certificates: [...trusts.values()].map((trust) => ({
      name: trust.kind === 'sds' ? trust.name : trust.kind === 'file' ? trust.path : '',
      ca_cert: read(() => subject.material.roots(trust), now),
    })),
  };
}

function read(pem: () => string, now: number): unknown {
  try {
    const blocks = pem().match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
    return blocks.map((block) => {
      const certificate = new X509Certificate(block);
      const end = Date.parse(certificate.validTo);
      return {
        serial_number: certificate.serialNumber.toLowerCase(),
        subject_alt_names: certificate.subjectAltName ?? '',
        valid_from: new Date(certificate.validFrom).toISOString(),
        expiration_time: new Date(end).toISOString(),
        days_until_expiration: String(Math.max(0, Math.floor((end - now) / DAY))),
      };
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
