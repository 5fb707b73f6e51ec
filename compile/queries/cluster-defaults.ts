/** What a cluster is before anybody says anything about it. */
import { type Cluster, PLAIN_CLUSTER } from '@weft/core/proxy-config';
import {
  CIRCUIT_BREAKERS,
  CONNECT_TIMEOUT,
  CONNECTION_BUFFER_BYTES,
  PANIC_THRESHOLD,
  UPSTREAM_IDLE_TIMEOUT,
} from '../defaults.ts';

export const EMPTY_CLUSTER: Cluster = {
  name: '',
  ...PLAIN_CLUSTER,
  discovery: { kind: 'original-dst' },
  connectTimeout: CONNECT_TIMEOUT,
  perConnectionBufferLimitBytes: CONNECTION_BUFFER_BYTES,
  loadBalancing: { kind: 'least-request', choiceCount: 2, activeRequestBias: 1, fullScan: false, slowStart: undefined },
  panicThreshold: PANIC_THRESHOLD,
  circuitBreakers: { default: CIRCUIT_BREAKERS, high: CIRCUIT_BREAKERS },
  protocol: { kind: 'http1', enableTrailers: true },
  idleTimeout: UPSTREAM_IDLE_TIMEOUT,
};
