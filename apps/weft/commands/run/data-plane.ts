/** What `weft run` needs of a data plane, whichever it is. */
import type { Agent } from '@weft/agent/agent';
import type { SelfIdentity } from '@weft/proxy/engine';
import type { NodeClaims } from '@weft/envoy/discovery';
import type { Log } from '../../log.ts';

/** Connections that may be open at a proxy at once, whoever opens them; far above what one workload serves, far below what ends a host. */
export const MAX_CONNECTIONS = 10_000;

export interface DataPlane {
  /** Begins to follow the agent's configuration. */
  start(): Promise<void>;
  /** Its listeners of the first configuration are open: the agent's `ready` says only that the configuration was taken. */
  readonly ready: Promise<void>;
  /**
   * Inbound first: accepts nothing new and lets open exchanges end, at most `timeoutMs`; outbound stays open for the child. `told`: every
   * caller has let go of this workload already; else they go on sending until their connections close.
   */
  drainInbound(timeoutMs: number, told: boolean): Promise<void>;
  /** What it counted, as Prometheus text; `open`: as OpenMetrics, with exemplars. */
  metrics(open: boolean): Promise<string>;
  stop(): Promise<void>;
  /** Settles when it ended by itself, with the reason. */
  readonly failed: Promise<string>;
}

export interface DataPlaneOptions {
  readonly agent: Agent;
  readonly node: NodeClaims;
  /** Who this proxy stands for, in metrics. */
  readonly self: SelfIdentity;
  readonly folder: string;
  readonly admin: { readonly port: number } | { readonly path: string };
  readonly log: Log;
  /** Threads that serve. */
  readonly concurrency: number;
}

export const metadataOf = (plan: {
  readonly engine: { readonly name: string; readonly version: string };
  readonly upstreams: readonly {
    readonly service: string;
    readonly port: number | undefined;
    readonly localPort: number;
  }[];
  readonly httpProxyPort: number;
  readonly gateway: boolean;
}): NodeClaims['metadata'] => ({
  'dev.weft': {
    engine: { name: plan.engine.name, version: plan.engine.version, features: [] },
    upstreams: plan.upstreams.map(({ service, port, localPort }) => ({
      service,
      localPort,
      ...(port === undefined ? {} : { port }),
    })),
    ...(plan.gateway ? { gateway: true } : {}),
    ...(plan.httpProxyPort === 0 ? {} : { httpProxyPort: plan.httpProxyPort }),
  },
});
