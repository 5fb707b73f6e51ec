/** What every cluster shares. One object per engine. */
import type { EngineRuntime } from '../ports.ts';
import type { Registry } from '../telemetry/registry.ts';
import type { UpstreamContexts } from '../transport/index.ts';
import type { DnsResolver } from './dns.ts';

export interface UpstreamSetting {
  readonly runtime: EngineRuntime;
  readonly registry: Registry;
  readonly contexts: UpstreamContexts;
  readonly dns: DnsResolver;
}
