/** The service by gRPC: envoy.service.auth.v3.Authorization/Check. */
import type { GrpcService } from '@weft/core/proxy-config';
import type { CheckQuestion, ServiceMessages } from '@weft/core/services';
import type { Call, GrpcCallHandler, ServiceCalls } from '../../calls/port.ts';
import { InitialMetadata } from '../../calls/initial-metadata.ts';
import type { FormatSource } from '../../router/value-format.ts';
import type { FilterParts } from '../index.ts';
import type { AuthzClient, VerdictHandler } from './verdict.ts';

const PATH = '/envoy.service.auth.v3.Authorization/Check';
/** ms; Envoy's default. */
const TIMEOUT = 200;

export class GrpcAuthz implements AuthzClient {
  readonly #service: GrpcService;
  readonly #calls: ServiceCalls;
  readonly #messages: ServiceMessages;
  readonly #metadata: InitialMetadata;

  constructor(service: GrpcService, { calls, messages, report }: FilterParts) {
    this.#service = service;
    this.#calls = calls;
    this.#messages = messages();
    this.#metadata = new InitialMetadata(service.initialMetadata, report);
  }

  ask(question: CheckQuestion, source: FormatSource, handler: VerdictHandler): Call {
    const messages = this.#messages;
    const request = {
      service: this.#service,
      path: PATH,
      metadata: this.#metadata.of(source),
      timeout: this.#service.timeout ?? TIMEOUT,
    };
    const done: GrpcCallHandler = {
      grpcAnswered: (message) => handler.verdict(messages.checkVerdict(message)),
      grpcFailed: () => handler.verdict(undefined),
    };
    return this.#calls.unary(request, messages.checkRequest(question), done);
  }
}
