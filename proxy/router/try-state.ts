/** What is known of the try at work: read by the request's stages, formats and records, written by the router alone. */
import type { ClusterRuntime, EndpointRuntime, UpstreamConnection } from '../ports.ts';
import { RequestBody } from './request-body.ts';
import type { PreviousPriorities } from './tried-priorities.ts';
import type { UpstreamClient } from './upstream-client.ts';

export abstract class TryState {
  readonly body = new RequestBody();
  cluster: ClusterRuntime | undefined;
  endpoint: EndpointRuntime | undefined;
  client: UpstreamClient | undefined;
  /** The connection of the last try; stays after the exchange left it. */
  connection: UpstreamConnection | undefined;
  attempts = 0;
  /** The last try ended by its own time-out, or goes on beside this one. */
  afterTimeout = false;
  /** Monotonic ms; -1: did not happen. Of the last try. */
  sentAt = -1;
  firstByteAt = -1;
  lastByteAt = -1;
  readonly tried: EndpointRuntime[] = [];
  triedPriorities: PreviousPriorities | undefined;

  /** Before the request's stages run. */
  reset(): void {
    this.cluster = undefined;
    this.endpoint = undefined;
    this.client = undefined;
    this.connection = undefined;
    this.attempts = 0;
    this.#forgetTimes();
    if (this.tried.length > 0) this.tried.length = 0;
  }

  /** Another try begins. */
  protected nextTry(): void {
    this.attempts += 1;
    this.#forgetTimes();
  }

  #forgetTimes(): void {
    this.sentAt = -1;
    this.firstByteAt = -1;
    this.lastByteAt = -1;
  }
}
