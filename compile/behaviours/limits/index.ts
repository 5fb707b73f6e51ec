/** What one proxy opens towards a service at most: TrafficPolicy `limits` (Envoy: CircuitBreakers.Thresholds). */
import type { CircuitBreakerThresholds, Cluster, UpstreamProtocol } from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import type { Behaviour, ClusterInput, RouteInput } from '../behaviour.ts';

export const limits: Behaviour = {
  name: 'limits',

  cluster(cluster: Cluster, { conf }: ClusterInput): Cluster {
    const wanted = conf.limits;
    if (wanted === undefined) return cluster;
    const thresholds = (base: CircuitBreakerThresholds): CircuitBreakerThresholds => ({
      ...base,
      maxConnections: wanted.connections ?? base.maxConnections,
      maxPendingRequests: wanted.pendingRequests ?? base.maxPendingRequests,
      maxRequests: wanted.requests ?? base.maxRequests,
      maxRetries: wanted.retries ?? base.maxRetries,
      retryBudget: wanted.retries === undefined ? base.retryBudget : undefined,
    });
    const { circuitBreakers } = cluster;
    return {
      ...cluster,
      circuitBreakers: { default: thresholds(circuitBreakers.default), high: thresholds(circuitBreakers.high) },
      protocol: withStreams(cluster.protocol, wanted.streamsPerConnection),
      maxRequestsPerConnection: wanted.requestsPerConnection ?? cluster.maxRequestsPerConnection,
    };
  },

  unsupported({ engine, conf }: RouteInput) {
    if (engine !== 'grpc') return [];
    const fields = (
      ['connections', 'pendingRequests', 'retries', 'streamsPerConnection', 'requestsPerConnection'] as const
    ).filter((field) => conf.limits?.[field] !== undefined);
    return fields.map((field) =>
      unsupportedByEngine(
        'grpc',
        `${conf.origins.limits ?? ''}.${field}`,
        'limit anything but requests',
        'write `requests`',
      ),
    );
  },
};

const withStreams = (protocol: UpstreamProtocol, streams: number | undefined): UpstreamProtocol =>
  streams === undefined || protocol.kind === 'http1'
    ? protocol
    : { ...protocol, options: { ...protocol.options, maxConcurrentStreams: streams } };
