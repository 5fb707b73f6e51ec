/**
 * The agent's Unix socket for engines, gRPC clients and the workload itself: ADS (relayed), SDS and the SPIFFE Workload API (own), the access
 * log of an engine, as gRPC without TLS. The folder's mode 0700 is the access control: whoever reaches the socket is this user, and gets this
 * workload's configuration and keys only.
 */
import { chmodSync, rmSync } from 'node:fs';
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  status,
} from '@grpc/grpc-js';
import { ADS_STREAM, decodeDiscoveryRequest, SDS_STREAM } from '@weft/envoy/discovery';
import { AgentError } from '../errors.ts';
import { SdsSession } from '../sds/index.ts';
import type { Secrets } from '../secrets/index.ts';
import { serveWorkloadApi, type WorkloadApiOptions } from '../workload-api/index.ts';

/** One end of an open ADS stream: what the client sends goes to `send`. */
export interface AdsSession {
  send(request: Uint8Array): void;
  close(): void;
}

export interface LocalSocketOptions {
  readonly path: string;
  readonly secrets: Secrets;
  readonly openAds: (respond: (response: Uint8Array) => void, refuse: (message: string) => void) => AdsSession;
  readonly onSecretRejected: (message: string) => void;
  /** Reads the messages of one stream of an engine's access log; undefined: nobody does, and they are dropped. */
  readonly openLog: () => ((message: Uint8Array) => void) | undefined;
  /** Spans of an engine: the octets of one ExportTraceServiceRequest. */
  readonly takeSpans: (message: Uint8Array) => void;
  /** Of the SPIFFE Workload API, which the socket serves as well. */
  readonly workloadApi: Omit<WorkloadApiOptions, 'secrets'>;
}

const raw = (message: Buffer): Buffer => message;
const LOG_STREAM = '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs';
const EXPORT_SPANS = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const NOTHING = Buffer.alloc(0);
const MAX_SOCKET_PATH = 107;

type Call = ServerDuplexStream<Buffer, Buffer>;

export class LocalSocket {
  readonly #options: LocalSocketOptions;
  readonly #server: Server;

  constructor(options: LocalSocketOptions) {
    this.#options = options;
    this.#server = new Server({
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': 100,
      'grpc.enable_channelz': 0,
    });
    const ads: handleBidiStreamingCall<Buffer, Buffer> = (call) => this.#ads(call);
    const sds: handleBidiStreamingCall<Buffer, Buffer> = (call) => this.#sds(call);
    this.#server.register(ADS_STREAM, ads, raw, raw, 'bidi');
    this.#server.register(SDS_STREAM, sds, raw, raw, 'bidi');
    const log: handleBidiStreamingCall<Buffer, Buffer> = (call) => this.#log(call);
    this.#server.register(LOG_STREAM, log, raw, raw, 'bidi');
    const spans: handleUnaryCall<Buffer, Buffer> = (call, answer) => {
      this.#options.takeSpans(call.request);
      answer(null, NOTHING);
    };
    this.#server.register(EXPORT_SPANS, spans, raw, raw, 'unary');
    serveWorkloadApi(this.#server, { ...options.workloadApi, secrets: options.secrets });
  }

  /** A file that a dead agent left at the path is replaced. Throws AgentError `socket`. */
  async start(): Promise<void> {
    const { path } = this.#options;
    if (Buffer.byteLength(path) > MAX_SOCKET_PATH)
      throw socketError(path, `its path is longer than ${MAX_SOCKET_PATH} bytes`);
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(socketError(path, error.message)),
      );
    });
    chmodSync(path, 0o600);
  }

  /** Open streams end with it. */
  stop(): void {
    this.#server.forceShutdown();
    rmSync(this.#options.path, { force: true });
  }

  #ads(call: Call): void {
    const fail = failer(call);
    const session = this.#options.openAds((response) => void call.write(toBuffer(response)), fail);
    call.on('data', (message: Buffer) => session.send(message));
    onOver(call, () => session.close());
  }

  #log(call: Call): void {
    const read = this.#options.openLog();
    call.on('data', (message: Buffer) => read?.(message));
    onOver(call, () => undefined);
  }

  #sds(call: Call): void {
    const fail = failer(call);
    const { secrets, onSecretRejected } = this.#options;
    const session = new SdsSession(secrets, (response) => void call.write(toBuffer(response)), onSecretRejected);
    call.on('data', (message: Buffer) => {
      const request = decodeDiscoveryRequest(message);
      if (request.ok) session.receive(request.value);
      else fail('not a DiscoveryRequest');
    });
    onOver(call, () => session.close());
  }
}

const toBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const failer = (call: Call) => (message: string) =>
  void call.emit('error', { code: status.INVALID_ARGUMENT, details: message.slice(0, 200), metadata: new Metadata() });

function onOver(call: Call, over: () => void): void {
  for (const event of ['cancelled', 'error', 'close']) call.on(event, over);
  call.on('end', () => {
    over();
    call.end();
  });
}

const socketError = (path: string, why: string): AgentError =>
  new AgentError(
    'socket',
    `the agent's socket ${path} cannot be opened: ${why}`,
    'Choose a shorter folder that is yours with --data',
  );
