/**
 * Services that end TLS themselves: kind BackendTLSPolicy, `tls` of TrafficPolicy (Envoy: UpstreamTlsContext). Their certificate is verified by the policy's authorities
 * and names; where that cannot be, no connection comes about. It stands in for mutual TLS of the mesh, so that also a strict mesh calls
 * such workloads. A service of a foreign trust domain (`tls.federated`) is verified by that one's bundle, and shown the caller's own certificate.
 */
import { SYSTEM_ROOTS } from '@weft/core/agent-api';
import type { BackendTlsRow } from '@weft/core/mesh-view';
import type { Cluster, PeerValidation, SubjectAltNameMatcher, TrustSource } from '@weft/core/proxy-config';
import { SERVER_TLS } from '../../defaults.ts';
import { unsupportedByEngine } from '../../findings.ts';
import { NOBODY, OWN_CERTIFICATE, trustName } from '../../names.ts';
import { speaksHttp2 } from '../../profiles.ts';
import type { Behaviour, ClusterInput, RouteInput } from '../behaviour.ts';

export const backendTls: Behaviour = {
  name: 'backend-tls',

  cluster(cluster: Cluster, { backendTls: row, engine, port, mesh }: ClusterInput): Cluster {
    if (row === undefined || port.protocol === 'udp') return cluster;
    // A proxyless client cannot be told inline roots: it gets nobody to call, and that is reported.
    if (engine === 'grpc') return { ...cluster, discovery: { kind: 'eds', serviceName: NOBODY } };
    return {
      ...cluster,
      plaintextByEndpoint: false,
      transport: {
        kind: 'tls',
        certificates:
          row.trust.kind === 'federated' ? [{ kind: 'sds', name: OWN_CERTIFICATE, sdsCluster: undefined }] : [],
        validation: validationOf(row, mesh.trustDomain),
        sni: row.hostname,
        sniFromEndpoint: false,
        sanFromSni: false,
        alpnProtocols: speaksHttp2(port.protocol) ? ['h2'] : port.protocol === 'http' ? ['http/1.1'] : [],
        parameters: SERVER_TLS,
      },
    };
  },

  unsupported({ engine, backendTls: row }: RouteInput) {
    return engine !== 'grpc' || row === undefined
      ? []
      : [unsupportedByEngine('grpc', row.source, 'verify such a service', 'call it through a sidecar')];
  },
};

const trustOf = (trust: BackendTlsRow['trust'], trustDomain: string): TrustSource => {
  switch (trust.kind) {
    case 'roots':
      return { kind: 'inline', pem: trust.pem };
    case 'system':
      return { kind: 'sds', name: SYSTEM_ROOTS, sdsCluster: undefined };
    case 'federated':
      return { kind: 'sds', name: trustName(trust.trustDomain), sdsCluster: undefined };
    case 'nobody':
      return { kind: 'sds', name: trustName(trustDomain), sdsCluster: undefined };
  }
};

/** An account without a name is never issued: under the mesh's roots it means nobody at all. */
const validationOf = ({ trust, names }: BackendTlsRow, trustDomain: string): PeerValidation => ({
  trust: trustOf(trust, trustDomain),
  subjectAltNames:
    trust.kind === 'nobody'
      ? [{ sanType: 'uri', matcher: { kind: 'exact', value: `spiffe://${trustDomain}/ns//sa/`, ignoreCase: false } }]
      : names.map(nameMatcher),
  pins: undefined,
  crl: undefined,
});

/** A wildcard of a policy covers names of certificates one label deep, and the same wildcard there (RFC 6125, 6.4.3). */
const nameMatcher = ({ kind, value }: BackendTlsRow['names'][number]): SubjectAltNameMatcher => ({
  sanType: kind,
  matcher: value.startsWith('*.')
    ? { kind: 'regex', regex: `(?i)[^.]+${value.slice(1).replaceAll('.', '\\.')}` }
    : { kind: 'exact', value, ignoreCase: false },
});
