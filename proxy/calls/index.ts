/** Calls that the engine makes itself (port.ts), over its own clusters and codecs. */
import type { CallRetries } from '@weft/core/proxy-config';
import { ByteWriter } from '@weft/wire/http1';
import { allocateSlab } from '../http/octets.ts';
import type { Http2Shared } from '../http2/shared.ts';
import type { ClusterDirectory, EngineRuntime } from '../ports.ts';
import type { CompiledRetryPolicy } from '../router/retry-policy.ts';
import { compileCallRetries } from './call-retries.ts';
import { GrpcServiceStream } from './grpc-stream.ts';
import { HttpCall } from './http-call.ts';
import type {
  Call,
  GrpcCallHandler,
  GrpcRequest,
  GrpcStream,
  GrpcStreamHandler,
  HttpCallHandler,
  HttpRequest,
  ServiceCalls,
} from './port.ts';
import { UnaryCall } from './unary-call.ts';
import type { CallParts } from './upstream-call.ts';

export type * from './port.ts';

export class ClusterCalls implements ServiceCalls {
  readonly #runtime: EngineRuntime;
  readonly #clusters: ClusterDirectory;
  readonly #http2: Http2Shared;
  readonly #policies = new WeakMap<CallRetries, CompiledRetryPolicy>();
  #made: CallParts | undefined;

  constructor(runtime: EngineRuntime, clusters: ClusterDirectory, http2: Http2Shared) {
    this.#runtime = runtime;
    this.#clusters = clusters;
    this.#http2 = http2;
  }

  /** Whoever never calls needs no memory for it. */
  get #parts(): CallParts {
    this.#made ??= {
      runtime: this.#runtime,
      clusters: this.#clusters,
      http2: this.#http2,
      upstreamOut: new ByteWriter(allocateSlab),
    };
    return this.#made;
  }

  #policyOf(retries: CallRetries): CompiledRetryPolicy {
    const known = this.#policies.get(retries);
    if (known !== undefined) return known;
    const compiled = compileCallRetries(retries);
    this.#policies.set(retries, compiled);
    return compiled;
  }

  http(request: HttpRequest, handler: HttpCallHandler): Call {
    return new HttpCall(this.#parts, request, handler);
  }

  unary(request: GrpcRequest, message: Uint8Array, handler: GrpcCallHandler): Call {
    const { retries } = request.service;
    return new UnaryCall(this.#parts, request, message, handler, retries && this.#policyOf(retries));
  }

  stream(request: GrpcRequest, handler: GrpcStreamHandler): GrpcStream {
    return new GrpcServiceStream(this.#parts, request, handler);
  }
}
