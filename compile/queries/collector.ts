/** Clusters of collectors of telemetry, in plaintext or over TLS, and how OTLP is spoken to them. */
import { SYSTEM_ROOTS } from '@weft/core/agent-api';
import type { CollectorRow } from '@weft/core/mesh-view';
import { type Cluster, type OtlpExporter, PLAIN_ENDPOINT, type UpstreamTransport } from '@weft/core/proxy-config';
import { HTTP2_OPTIONS, SERVER_TLS } from '../defaults.ts';
import { EMPTY_CLUSTER } from './cluster-defaults.ts';

const DNS_REFRESH = 5000;
/** ms for one message. */
export const EXPORT_TIMEOUT = 10_000;

export function collectorCluster(name: string, collector: CollectorRow, http2: boolean): Cluster {
  const { host, isName, port } = collector;
  const endpoints = {
    name,
    overprovisioningFactor: 140,
    localities: [
      {
        locality: { region: '', zone: '', subZone: '' },
        priority: 0,
        weight: 0,
        endpoints: [
          {
            ...PLAIN_ENDPOINT,
            address: isName ? { kind: 'name' as const, name: host, port } : { kind: 'ip' as const, ip: host, port },
          },
        ],
      },
    ],
  };
  return {
    ...EMPTY_CLUSTER,
    name,
    protocol: http2 ? { kind: 'http2', options: HTTP2_OPTIONS } : { kind: 'http1', enableTrailers: false },
    transport: collector.secure ? secured(collector, http2) : { kind: 'plaintext' },
    discovery: isName
      ? {
          kind: 'logical-dns',
          endpoints,
          refreshRate: DNS_REFRESH,
          failureRefreshRate: undefined,
          respectTtl: true,
          jitter: 0,
          // One host of all its addresses: where it listens on one family only, Envoy finds it there (RFC 8305).
          family: 'all',
        }
      : { kind: 'static', endpoints },
  };
}

/** Its certificate carries the name, or the address, that it is called by. */
const secured = ({ host, isName, roots }: CollectorRow, http2: boolean): UpstreamTransport => ({
  kind: 'tls',
  certificates: [],
  validation: {
    trust: roots === '' ? { kind: 'sds', name: SYSTEM_ROOTS, sdsCluster: undefined } : { kind: 'inline', pem: roots },
    subjectAltNames: [{ sanType: isName ? 'dns' : 'ip', matcher: { kind: 'exact', value: host, ignoreCase: false } }],
    pins: undefined,
    crl: undefined,
  },
  sni: isName ? host : '',
  sniFromEndpoint: false,
  sanFromSni: false,
  alpnProtocols: [http2 ? 'h2' : 'http/1.1'],
  parameters: SERVER_TLS,
});

export const authorityOf = ({ host, port }: CollectorRow): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

export const exporterTo = (
  cluster: string,
  collector: CollectorRow | undefined,
  protocol: 'grpc' | 'http',
  standardPath: string,
): OtlpExporter => {
  const authority = collector === undefined ? '' : authorityOf(collector);
  return protocol === 'grpc'
    ? {
        kind: 'grpc',
        service: { cluster, authority, timeout: EXPORT_TIMEOUT, initialMetadata: [], maxReceiveMessageLength: 0 },
      }
    : {
        kind: 'http',
        service: {
          uri: `${collector?.secure === true ? 'https' : 'http'}://${authority}${collector?.path || standardPath}`,
          cluster,
          timeout: EXPORT_TIMEOUT,
        },
        headers: [],
      };
};
