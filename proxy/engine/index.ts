/** The engine, as a process uses it. */
export { type ConnectError, type ErrorAnswer, ERROR_ANSWERS, type ExchangeError } from '../errors.ts';
export type {
  AccessLogger,
  CertificateSecret,
  EngineLog,
  EngineRuntime,
  ExchangeRecord,
  LogComponent,
  LogLevel,
  SecretSource,
  WantedRow,
} from '../ports.ts';
export { JsonLog } from '../telemetry/logger.ts';
export type { SelfIdentity } from '@weft/core/traffic';
export { MemorySecrets } from '../transport/index.ts';
export { Engine, type EngineState } from './engine.ts';
export {
  type ApplyFault,
  type ApplyResult,
  type EngineOptions,
  type EngineSharing,
  PROCESS_CELLS,
  ProcessCell,
} from './options.ts';
export { readTextSource } from '../text-source.ts';
export { Inheritance, type PassedSocket } from '../listen/index.ts';
