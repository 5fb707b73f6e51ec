/**
 * A workload's certificate from somebody else's Workload API (SPIRE's agent): the stream is kept open, and opened again when it breaks; what is
 * held stays in use meanwhile. Only the SVID with the wanted name is taken.
 */
import { Client, type ClientReadableStream, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import { BackOff, RECONNECT } from '../back-off/index.ts';
import { svidFault } from './check-svid.ts';
import {
  decodeX509Response,
  type ReceivedSvid,
  type ReceivedSvids,
  SECURITY_HEADER,
  WORKLOAD_API,
} from './messages.ts';

export interface WorkloadApiClientOptions {
  /** Path of the Unix socket. */
  readonly socket: string;
  readonly spiffeId: string;
  readonly clock: MonotonicClock;
  /** From 0 to 1. */
  readonly roll: () => number;
  readonly onSvid: (svid: ReceivedSvid, federated: ReceivedSvids['federated']) => void;
  readonly onProblem: (problem: string) => void;
}

const raw = (message: Buffer): Buffer => message;

export class WorkloadApiClient {
  readonly #options: WorkloadApiClientOptions;
  readonly #client: Client;
  readonly #backOff: BackOff;
  #stream: ClientReadableStream<Buffer> | undefined;
  #timer: Timer | undefined;
  #stopped = false;
  #told = '';

  constructor(options: WorkloadApiClientOptions) {
    this.#options = options;
    this.#backOff = new BackOff(RECONNECT, options.roll);
    this.#client = new Client(`unix:${options.socket}`, credentials.createInsecure(), {
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
      'grpc.enable_http_proxy': 0,
    });
  }

  start(): void {
    const metadata = new Metadata();
    metadata.set(SECURITY_HEADER, 'true');
    const stream = this.#client.makeServerStreamRequest(
      WORKLOAD_API.fetchX509Svid,
      raw,
      raw,
      Buffer.alloc(0),
      metadata,
    );
    this.#stream = stream;
    stream.on('data', (message: Buffer) => this.#receive(message));
    stream.on('error', (error: ServiceError) => this.#lost(`${status[error.code] ?? error.code}: ${error.details}`));
    stream.on('end', () => this.#lost('the stream ended'));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#stream?.cancel();
    this.#client.close();
  }

  #receive(message: Buffer): void {
    if (this.#stopped) return;
    this.#backOff.reset();
    const received = decodeX509Response(message);
    if (received === undefined) return this.#tell('it sent no X509SVIDResponse');
    const { spiffeId } = this.#options;
    const wanted = received.svids.find((svid) => svid.spiffeId === spiffeId);
    if (wanted === undefined)
      return this.#tell(
        `it has no SVID for ${spiffeId}, but for ${received.svids
          .map((svid) => svid.spiffeId)
          .join(', ')
          .slice(0, 500)}`,
      );
    const fault = svidFault(wanted.certificateChain, wanted.privateKey);
    if (fault !== undefined) return this.#tell(`its SVID cannot be used: ${fault}`);
    this.#told = '';
    this.#options.onSvid(wanted, received.federated);
  }

  #lost(problem: string): void {
    if (this.#stopped || this.#timer !== undefined) return;
    this.#tell(problem);
    this.#timer = this.#options.clock.after(this.#backOff.next(), () => {
      this.#timer = undefined;
      this.start();
    });
  }

  /** Alike problems once. */
  #tell(problem: string): void {
    if (this.#told === problem) return;
    this.#told = problem;
    this.#options.onProblem(`the Workload API at ${this.#options.socket}: ${problem}`);
  }
}
