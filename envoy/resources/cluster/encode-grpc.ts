/**
 * A cluster for a proxyless gRPC client (gRFC A27, A29 security, A32 circuit breaking, A42 ring hash, A50 outlier detection). Certificates
 * come from the client's certificate provider `default`, which its bootstrap file names; SDS does not exist there.
 */
import type { Cluster, OutlierDetection, UpstreamTransport } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { ADS } from '../base/config-source.ts';
import { some, unless, type Encoding } from '../base/encoding.ts';
import { encodeString } from '../base/matcher.ts';
import { endpointSetMessage } from '../endpoint/encode.ts';
import { loadBalancingForGrpc } from './balancing.ts';
import { circuitBreakersField } from './breakers.ts';
import { encodeOutlierDetection } from './outlier.ts';

type Wire = Messages['envoy.config.cluster.v3.Cluster'];

/** The certificate provider instance that `weft bootstrap grpc` writes. */
export const CERTIFICATE_PROVIDER = 'default';

export function encodeClusterForGrpc(cluster: Cluster, encoding: Encoding): Wire {
  if (cluster.plaintextByEndpoint) {
    encoding.cannotSay('plaintextByEndpoint', 'gRPC clients use one transport for all endpoints: plaintext ones fail');
  }
  if (cluster.subsets !== undefined) encoding.cannotSay('subsets', 'gRPC clients know no subsets', 'error');
  if (cluster.healthChecks.length > 0) encoding.cannotSay('healthChecks', 'gRPC clients take health from EDS only');
  const outlier = cluster.outlierDetection;
  if (outlier !== undefined && outlier.enforcingConsecutive5xx > 0) {
    encoding.cannotSay(
      'outlierDetection.consecutive5xx',
      'gRPC clients eject by success rate and failure percentage only',
    );
  }
  return {
    name: cluster.name,
    ...discovery(cluster, encoding),
    ...loadBalancingForGrpc(cluster.loadBalancing, encoding),
    circuit_breakers: circuitBreakersField(cluster.circuitBreakers, encoding),
    outlier_detection: outlier === undefined ? undefined : outlierDetection(outlier),
    transport_socket: transportSocket(cluster.transport, encoding),
  };
}

function discovery(cluster: Cluster, encoding: Encoding): Partial<Wire> {
  const { discovery: by } = cluster;
  if (by.kind === 'eds') {
    return { type: 'EDS', eds_cluster_config: { eds_config: ADS, service_name: unless(by.serviceName, cluster.name) } };
  }
  if (by.kind === 'logical-dns')
    return { type: 'LOGICAL_DNS', load_assignment: endpointSetMessage(by.endpoints, encoding) };
  encoding.cannotSay('discovery', `gRPC clients know EDS and LOGICAL_DNS, not ${by.kind}`, 'error');
  return { type: 'EDS', eds_cluster_config: { eds_config: ADS } };
}

/** gRPC takes a zero enforcement for "off" and has its own standards for the rest. */
function outlierDetection(outlier: OutlierDetection): Wire['outlier_detection'] {
  const all = encodeOutlierDetection(outlier);
  return {
    interval: all.interval,
    base_ejection_time: all.base_ejection_time,
    max_ejection_time: all.max_ejection_time,
    max_ejection_percent: all.max_ejection_percent,
    enforcing_success_rate: outlier.successRate.enforcing,
    success_rate_minimum_hosts: all.success_rate_minimum_hosts,
    success_rate_request_volume: all.success_rate_request_volume,
    success_rate_stdev_factor: all.success_rate_stdev_factor,
    enforcing_failure_percentage: outlier.failurePercentage.enforcing,
    failure_percentage_threshold: all.failure_percentage_threshold,
    failure_percentage_minimum_hosts: all.failure_percentage_minimum_hosts,
    failure_percentage_request_volume: all.failure_percentage_request_volume,
  };
}

function transportSocket(transport: UpstreamTransport, encoding: Encoding): Wire['transport_socket'] {
  if (transport.kind === 'plaintext') return undefined;
  const { validation } = transport;
  if (validation === undefined) {
    encoding.cannotSay('transport.validation', 'gRPC clients insist on verifying the server', 'error');
  }
  const names = validation?.subjectAltNames ?? [];
  if (names.some((name) => name.sanType !== 'uri')) {
    encoding.cannotSay('transport.validation.subjectAltNames', 'gRPC clients compare any SAN, whatever its type');
  }
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: pack('envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext', {
      common_tls_context: {
        tls_certificate_provider_instance:
          transport.certificates.length === 0 ? undefined : { instance_name: CERTIFICATE_PROVIDER },
        validation_context: {
          ca_certificate_provider_instance: { instance_name: CERTIFICATE_PROVIDER },
          match_subject_alt_names: some(names.map((name) => encodeString(name.matcher))),
        },
      },
    }),
  };
}
