/**
 * What the engines of one process share of their clusters. One leads: it resolves names, runs the active health checks, and ejects outliers; those that
 * serve follow it. An engine that is alone has none of it.
 */
import type { EndpointSet } from '@weft/core/proxy-config';
import type { Ledger } from './ledger.ts';
import type { EjectionCause } from './outlier-detector.ts';

/** What is known of one endpoint; plain data but for the counts. */
export interface EndpointState {
  /** Verdict of the active health checks. */
  readonly healthy: boolean;
  /** By outlier detection. */
  readonly ejected: boolean;
  /** Counts of outlier detection that all engines add to; undefined without it. */
  readonly cells: SharedArrayBuffer | undefined;
}

export interface ClusterNews {
  readonly cluster: string;
  /** What was told of this cluster before holds no more. */
  readonly whole: boolean;
  /** Endpoints that its names resolved to; undefined: as before, or it has no names. */
  readonly resolved: EndpointSet | undefined;
  readonly endpoints: readonly (readonly [key: string, EndpointState])[];
  readonly gone: readonly string[];
}

export interface UpstreamSharing {
  /** Where a cluster's limits are counted; undefined: for this engine alone. */
  ledger(cluster: string): Ledger | undefined;
  /** Present in the engine that leads. */
  readonly leads?: (news: ClusterNews) => void;
  /** Present in those that follow. */
  readonly follows?: Following;
}

export interface Following {
  resolved(cluster: string): EndpointSet | undefined;
  state(cluster: string, key: string): EndpointState | undefined;
  /** Too many failures in a row: asks for ejection. */
  detected(cluster: string, key: string, cause: EjectionCause): void;
  /** The first exchange with this cluster. */
  traffic(cluster: string): void;
}
