/** The agent's socket as a cluster of our engine, for what it tells the agent beside its counts; as in Envoy's bootstrap. */
import { AGENT_CLUSTER } from '@weft/core/agent-api';
import { type CircuitBreakerThresholds, type Cluster, PLAIN_CLUSTER, PLAIN_ENDPOINT } from '@weft/core/proxy-config';

const CONNECT_TIMEOUT = 1000;
const BUFFER = 1 << 20;
const WINDOW = 1 << 16;
const FEW: CircuitBreakerThresholds = {
  maxConnections: 16,
  maxConnectionsPerEndpoint: 4_294_967_295,
  maxPendingRequests: 16,
  maxRequests: 16,
  maxRetries: 3,
  retryBudget: undefined,
  trackRemaining: false,
};

export const agentCluster = (path: string): Cluster => ({
  ...PLAIN_CLUSTER,
  name: AGENT_CLUSTER,
  connectTimeout: CONNECT_TIMEOUT,
  perConnectionBufferLimitBytes: BUFFER,
  panicThreshold: 0,
  circuitBreakers: { default: FEW, high: FEW },
  idleTimeout: 0,
  loadBalancing: { kind: 'round-robin', slowStart: undefined },
  protocol: {
    kind: 'http2',
    options: {
      maxConcurrentStreams: 100,
      initialStreamWindowSize: WINDOW,
      initialConnectionWindowSize: WINDOW,
      allowConnect: false,
    },
  },
  discovery: {
    kind: 'static',
    endpoints: {
      name: AGENT_CLUSTER,
      overprovisioningFactor: 140,
      localities: [
        {
          locality: { region: '', zone: '', subZone: '' },
          priority: 0,
          weight: 0,
          endpoints: [{ ...PLAIN_ENDPOINT, address: { kind: 'pipe', path, mode: 0 } }],
        },
      ],
    },
  },
});
