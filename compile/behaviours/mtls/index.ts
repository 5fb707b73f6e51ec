/**
 * Mutual TLS between workloads (Mesh.spec.mtls, Authentication.spec.mtls), port by port. `strict`: sidecars take TLS with a certificate of the
 * mesh's trust domain only, callers verify that they reached one of the service's identities. `permissive`: sidecars take plaintext beside it,
 * callers use TLS wherever the endpoint has a sidecar. `disabled`: plaintext. Where the workloads of a port differ, its callers look at each. Callers of another mesh that the service is exported to come with their own trust domain. An endpoint without a sidecar is reachable only where plaintext is allowed, or where it ends TLS itself (backend-tls).
 */
import type {
  Cluster,
  DownstreamTransport,
  FilterChain,
  Listener,
  PeerValidation,
  TerminalFilter,
  TlsParameters,
} from '@weft/core/proxy-config';
import type { EndpointRow } from '@weft/core/mesh-view';
import { guestServerName, serviceServerName } from '@weft/core/identity';
import { HTTP2_OPTIONS, SERVER_FIRST_WAIT } from '../../defaults.ts';
import { unsupportedByEngine } from '../../findings.ts';
import { OWN_CERTIFICATE, trustName } from '../../names.ts';
import type { Behaviour, ClusterInput, InboundInput, RouteInput } from '../behaviour.ts';
import { detecting, inPlaintext } from '../detection/index.ts';

const PARAMETERS: TlsParameters = { minimumVersion: '1.3', maximumVersion: '1.3', cipherSuites: [], ecdhCurves: [] };

/** ms within which a TLS handshake must end. */
const HANDSHAKE_TIMEOUT = 10_000;

export const mtls: Behaviour = {
  name: 'mtls',

  cluster(cluster: Cluster, { mesh, home, service, port, mtls: mode, identities, external }: ClusterInput): Cluster {
    // Datagrams have no TLS; a strict port has no endpoints for them.
    const { trustDomain } = home ?? mesh;
    if (mode === 'disabled' || port.protocol === 'udp' || external !== undefined) return cluster;
    return {
      ...cluster,
      plaintextByEndpoint: mode === 'permissive',
      transport: {
        kind: 'tls',
        certificates: [{ kind: 'sds', name: OWN_CERTIFICATE, sdsCluster: undefined }],
        validation: validation(trustDomain, accepted(identities, trustDomain, service)),
        sni:
          trustDomain === mesh.trustDomain
            ? serviceServerName(service, port.port, trustDomain)
            : guestServerName(mesh.trustDomain),
        sniFromEndpoint: false,
        sanFromSni: false,
        alpnProtocols: [],
        parameters: PARAMETERS,
      },
    };
  },

  /** A proxyless client has one file of roots, its own mesh's: the handshake with another mesh's workloads fails. */
  unsupported({ engine, home, mesh, port }: RouteInput) {
    return engine !== 'grpc' || home === undefined || home.trustDomain === mesh.trustDomain
      ? []
      : [unsupportedByEngine('grpc', port.source, 'verify services of another mesh', 'call them through a sidecar')];
  },

  inboundListener(listener: Listener, { mesh, port, mtls: mode, guests, bounds }: InboundInput): Listener {
    const detected = port.protocol === 'auto';
    if (mode === 'disabled')
      return detected ? detecting({ ...listener, filterChains: listener.filterChains.flatMap(inPlaintext) }) : listener;
    // Each trust domain has a chain of its own: a root speaks for its own trust domain only, whatever name a caller uses.
    const domains = [{ trustDomain: mesh.trustDomain, guest: false }].concat(
      guests.map((trustDomain) => ({ trustDomain, guest: true })),
    );
    const secured = listener.filterChains.flatMap((chain) =>
      domains.map(
        ({ trustDomain, guest }): FilterChain => ({
          ...chain,
          name: `${chain.name}/mtls${guest ? `/${trustDomain}` : ''}`,
          match: {
            ...chain.match,
            ...(mode === 'permissive' ? { transportProtocol: 'tls' } : {}),
            ...(guest ? { serverNames: guestNames(trustDomain) } : {}),
          },
          terminal: amongKnown(chain.terminal, bounds?.streams),
          transport: serverTransport(trustDomain, offered(chain)),
          transportConnectTimeout: HANDSHAKE_TIMEOUT,
        }),
      ),
    );
    if (mode === 'strict') {
      const inspected =
        guests.length === 0 && !detected
          ? listener.listenerFilters
          : [...listener.listenerFilters, { kind: 'tls-inspector', maxClientHelloBytes: 16_384 } as const];
      return { ...listener, listenerFilters: inspected, filterChains: secured };
    }
    const plain = listener.filterChains.map(
      (chain): FilterChain => ({
        ...chain,
        name: `${chain.name}/plaintext`,
        match: { ...chain.match, transportProtocol: 'raw_buffer' },
      }),
    );
    if (detected) return detecting({ ...listener, filterChains: [...secured, ...plain] });
    return {
      ...listener,
      listenerFilters: [...listener.listenerFilters, { kind: 'tls-inspector', maxClientHelloBytes: 16_384 }],
      filterChains: [...secured, ...plain],
      // In plaintext nobody knows who speaks first on such a port.
      ...(port.protocol === 'tcp'
        ? { listenerFiltersTimeout: SERVER_FIRST_WAIT, continueOnListenerFiltersTimeout: true }
        : {}),
    };
  },
};

/** Straight, and by a gateway that passes through to the service before the dot (core/mesh-view/assemble/passed-services.ts). */
const guestNames = (trustDomain: string): string[] => {
  const name = guestServerName(trustDomain);
  return [name, `*.${name}`];
};

/** Callers with a checked certificate get the windows of the mesh: many exchanges of one workload share their connection. */
const amongKnown = (terminal: TerminalFilter, streams: number = HTTP2_OPTIONS.maxConcurrentStreams): TerminalFilter =>
  terminal.kind === 'http-connection-manager'
    ? { ...terminal, manager: { ...terminal.manager, http2: { ...HTTP2_OPTIONS, maxConcurrentStreams: streams } } }
    : terminal;

/** How callers reach an endpoint; undefined: not at all, since it is strict and has no sidecar. `endsTls`: the service ends TLS itself. */
export const transportTo = (
  { sidecar, mtls: mode }: EndpointRow,
  endsTls: boolean,
): 'mtls' | 'plaintext' | undefined =>
  sidecar && mode !== 'disabled' ? 'mtls' : sidecar || mode !== 'strict' || endsTls ? 'plaintext' : undefined;

type Names = PeerValidation['subjectAltNames'];

/**
 * Exactly the identities of the service's workloads. With none there is nobody to reach: an account with an empty name is never issued,
 * so a late endpoint is refused until the cluster knows its identity, instead of everybody being accepted.
 */
function accepted(identities: readonly string[], trustDomain: string, service: string): Names {
  const [namespace = ''] = service.split('/');
  const values = identities.length > 0 ? identities : [`spiffe://${trustDomain}/ns/${namespace}/sa/`];
  return values.map((value) => ({ sanType: 'uri', matcher: { kind: 'exact', value, ignoreCase: false } }));
}

const validation = (trustDomain: string, subjectAltNames: Names): PeerValidation => ({
  trust: { kind: 'sds', name: trustName(trustDomain), sdsCluster: undefined },
  subjectAltNames,
  pins: undefined,
  crl: undefined,
});

/** Connections without ALPN are opaque, or tell HTTP/2 by its preface. */
const offered = ({ terminal }: FilterChain): readonly string[] =>
  terminal.kind === 'http-connection-manager' ? ['h2', 'http/1.1'] : [];

const serverTransport = (trustDomain: string, alpnProtocols: readonly string[]): DownstreamTransport => ({
  kind: 'tls',
  certificates: [{ kind: 'sds', name: OWN_CERTIFICATE, sdsCluster: undefined }],
  validation: validation(trustDomain, [
    { sanType: 'uri', matcher: { kind: 'prefix', value: `spiffe://${trustDomain}/`, ignoreCase: false } },
  ]),
  requireClientCertificate: true,
  alpnProtocols,
  parameters: PARAMETERS,
});

/** The chain for callers of the mesh alone, with mutual TLS. */
export const ofMesh = (made: FilterChain, trustDomain: string): FilterChain => ({
  ...made,
  terminal: amongKnown(made.terminal),
  transport: serverTransport(trustDomain, offered(made)),
  transportConnectTimeout: HANDSHAKE_TIMEOUT,
});
