/** The service that decides, by either protocol. */
import type { CheckQuestion, CheckVerdict } from '@weft/core/services';
import type { AuthzService } from '@weft/core/proxy-config';
import type { Call } from '../../calls/port.ts';
import type { FormatSource } from '../../router/value-format.ts';
import type { FilterParts } from '../index.ts';
import { GrpcAuthz } from './grpc-client.ts';
import { HttpAuthz } from './http-client.ts';

export interface VerdictHandler {
  /** Undefined: there is none. Later than the question, once. */
  verdict(verdict: CheckVerdict | undefined): void;
}

export interface AuthzClient {
  ask(question: CheckQuestion, source: FormatSource, handler: VerdictHandler): Call;
}

export const authzClient = (service: AuthzService, parts: FilterParts): AuthzClient =>
  service.kind === 'grpc' ? new GrpcAuthz(service.service, parts) : new HttpAuthz(service, parts);
