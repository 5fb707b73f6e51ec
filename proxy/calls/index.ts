/** Calls that the engine makes itself (port.ts), over its own clusters and codecs. */
import { ByteWriter } from '@weft/wire/http1';
import { allocateSlab } from '../http/octets.ts';
import type { Http2Shared } from '../http2/shared.ts';
import type { ClusterDirectory, EngineRuntime } from '../ports.ts';
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

  http(request: HttpRequest, handler: HttpCallHandler): Call {
    return new HttpCall(this.#parts, request, handler);
  }

  unary(request: GrpcRequest, message: Uint8Array, handler: GrpcCallHandler): Call {
    return new UnaryCall(this.#parts, request, message, handler);
  }

  stream(request: GrpcRequest, handler: GrpcStreamHandler): GrpcStream {
    return new GrpcServiceStream(this.#parts, request, handler);
  }
}
