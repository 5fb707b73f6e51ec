/** What is known before any request comes. */
import type { RateLimitFilter as Row } from '@weft/core/proxy-config';
import type { ServiceMessages } from '@weft/core/services';
import type { InitialMetadata } from '../../calls/initial-metadata.ts';
import type { ServiceCalls } from '../../calls/port.ts';
import type { EngineRuntime } from '../../ports.ts';
import type { MutationStep } from '../../router/header-mutations.ts';

/** What exchanges of one filter share. */
export interface RateLimitSetting {
  readonly row: Row;
  readonly domain: string;
  readonly runtime: EngineRuntime;
  readonly calls: ServiceCalls;
  readonly messages: ServiceMessages;
  readonly metadata: InitialMetadata;
  readonly response: MutationStep | undefined;
}
