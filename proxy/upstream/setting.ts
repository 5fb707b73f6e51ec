/** What every cluster shares. One object per engine. */
import type { InternalConnections } from '../listen/internal.ts';
import type { EngineRuntime } from '../ports.ts';
import type { Registry } from '../telemetry/registry.ts';
import type { UpstreamContexts } from '../transport/index.ts';
import type { DnsResolver } from './dns.ts';
import type { LocalZone } from './local-zone.ts';
import type { UpstreamSharing } from './sharing.ts';

export interface UpstreamSetting {
  readonly runtime: EngineRuntime;
  readonly registry: Registry;
  readonly contexts: UpstreamContexts;
  readonly dns: DnsResolver;
  /** Listeners of this engine that its clusters reach. */
  readonly internal: InternalConnections;
  /** Undefined: the bootstrap names no local cluster, so that no routing is zone aware. */
  readonly zone?: LocalZone | undefined;
  /** Present when the process has several engines. */
  readonly sharing?: UpstreamSharing | undefined;
}
