/**
 * One request of the engine's own to a cluster, and its answer: picks an endpoint, waits for a connection of its pool, sends, reads. Where no
 * application can have seen it, it is tried again as the router does, and by the policy of its service. It holds no answer: its owner does.
 */
import type { ByteWriter } from '@weft/wire/http1';
import { FieldBlock, STEP_BODY, STEP_END, STEP_FAULT, STEP_HEAD, STEP_MORE } from '@weft/wire/http1';
import type { ConnectError } from '../errors.ts';
import { judgedStatus } from '../http/grpc.ts';
import { HeaderEdit } from '../http/header-edit.ts';
import { latin1Text } from '../http/octets.ts';
import type { RequestSource } from '../http/stream.ts';
import { poolOf } from '../http2/pools.ts';
import { hostFor } from '../router/server-name.ts';
import type { Http2Shared } from '../http2/shared.ts';
import type {
  ClusterDirectory,
  ClusterRuntime,
  EndpointRuntime,
  EngineRuntime,
  PickContext,
  ReusableTimer,
  TimerTarget,
} from '../ports.ts';
import { HeldSlots } from '../router/held-slots.ts';
import { RequestBody } from '../router/request-body.ts';
import { type CompiledRetryPolicy, UNSEEN_TRIES, unseenByApplication } from '../router/retry-policy.ts';
import {
  END_ERRORS,
  type OutgoingRequest,
  type PoolWaiter,
  type ResponseTarget,
  type UpstreamClient,
  type UpstreamEnd,
  type UpstreamPool,
} from '../router/upstream-client.ts';
import { CallRetry, TIMER_BACK_OFF, TIMER_TRY, TIMER_WHOLE } from './call-retries.ts';
import type { CallError, HeaderPairs } from './port.ts';

/** What all calls of an engine share. */
export interface CallParts {
  readonly runtime: Pick<EngineRuntime, 'clock' | 'timers' | 'log' | 'random'>;
  readonly clusters: ClusterDirectory;
  readonly http2: Http2Shared;
  readonly upstreamOut: ByteWriter;
}

/** Whom a call works for. After `callFailed` and `callEnded` nothing comes any more. */
export interface CallOwner {
  /** The head of the final answer; its octets are valid during the call only. */
  callHead(status: number, head: FieldBlock): void;
  /** The octets are valid during the call only. */
  callData(bytes: Uint8Array, start: number, end: number): void;
  callEnded(trailers: FieldBlock | undefined): void;
  callFailed(error: CallError): void;
  callDrained(): void;
}

export interface CallHead {
  readonly cluster: string;
  readonly method: string;
  readonly authority: string;
  readonly path: string;
  readonly headers: HeaderPairs;
  readonly timeout: number;
  readonly grpc: boolean;
  /** Of a call whose body is whole; undefined: only what no application can have seen is tried again. */
  readonly retries?: CompiledRetryPolicy | undefined;
}

/** Its target is told as text: there are no octets that arrived. */
const NO_READER: OutgoingRequest['reader'] = {
  head: new FieldBlock(1, latin1Text),
  pathStart: 0,
  pathEnd: 0,
  form: 'origin' satisfies RequestSource['form'],
  minor: 1,
};

export class UpstreamCall implements PoolWaiter, ResponseTarget, TimerTarget, PickContext, OutgoingRequest {
  readonly head: { readonly method: string; scheme: string; readonly host: string; readonly edit: HeaderEdit };
  readonly target: string;
  readonly upgrade = '';
  readonly reader = NO_READER;
  readonly context: CallParts;
  readonly holdsBytes = false;
  readonly hash = undefined;
  readonly downstream = undefined;
  readonly #cluster: string;
  readonly #grpc: boolean;
  readonly #owner: CallOwner;
  readonly #body = new RequestBody();
  readonly #slots = new HeldSlots();
  readonly #timer: ReusableTimer;
  readonly #retry: CallRetry | undefined;
  readonly #tried: EndpointRuntime[] = [];
  #runtime: ClusterRuntime | undefined;
  #endpoint: EndpointRuntime | undefined;
  #pool: UpstreamPool | undefined;
  #client: UpstreamClient | undefined;
  #attempts = 0;
  #sentAt = -1;
  #reused = false;
  #answered = false;
  #over = false;

  /** `whole`: the body is all there when it starts, and may be sent again. */
  constructor(parts: CallParts, owner: CallOwner, head: CallHead, whole: Uint8Array | undefined) {
    const edit = new HeaderEdit();
    edit.add('host', head.authority);
    for (const [name, value] of head.headers) edit.add(name, value);
    this.context = parts;
    this.head = { method: head.method, scheme: 'http', host: head.authority, edit };
    this.target = head.path;
    this.#cluster = head.cluster;
    this.#grpc = head.grpc;
    this.#owner = owner;
    const { timers } = parts.runtime;
    this.#timer = timers.create(this, TIMER_WHOLE);
    this.#retry =
      head.retries === undefined
        ? undefined
        : new CallRetry(
            head.retries,
            parts.runtime,
            timers.create(this, TIMER_TRY),
            timers.create(this, TIMER_BACK_OFF),
          );
    this.#body.reset(head.grpc, whole !== undefined);
    if (whole !== undefined) {
      if (whole.length > 0) this.#body.push(whole);
      this.#body.ended = true;
    }
    this.#timer.start(head.timeout);
  }

  get avoidTried(): boolean {
    return this.#tried.length > 0;
  }

  hasTried(endpoint: EndpointRuntime): boolean {
    return this.#tried.includes(endpoint);
  }

  start(): void {
    this.#runtime = this.context.clusters.get(this.#cluster);
    if (this.#runtime === undefined) {
      this.#failLater('cluster-not-found');
      return;
    }
    this.#slots.use(this.#runtime.breaker('default'));
    this.#attempt(this.#runtime);
  }

  /** More of the body. False: there is no room for more. */
  send(bytes: Uint8Array): boolean {
    if (this.#over) return false;
    this.#body.push(bytes);
    return this.#flush();
  }

  end(): void {
    if (this.#over) return;
    this.#body.ended = true;
    this.#flush();
  }

  /** Nothing is told any more. */
  cancel(): void {
    if (this.#over) return;
    this.#end();
    this.#leave(false);
  }

  #end(): void {
    this.#over = true;
    this.#timer.stop();
    this.#retry?.stop();
    this.#slots.giveRetry();
  }

  #flush(): boolean {
    return this.#client?.sendBody(this, this.#body) === true;
  }

  // ------------------------------------------------------------------------------------------------------------------ a try

  #attempt(cluster: ClusterRuntime): void {
    this.#attempts += 1;
    this.#sentAt = -1;
    const endpoint = cluster.pick(this);
    this.#endpoint = endpoint;
    if (endpoint === undefined) {
      this.#failLater('no-healthy-endpoint');
      return;
    }
    this.head.scheme = endpoint.secure ? 'https' : 'http';
    const pool = poolOf(endpoint, this.context, this.#grpc, false, undefined, hostFor(endpoint, this.head.edit));
    this.#pool = pool;
    const client = pool.take();
    this.#reused = client !== undefined;
    if (client !== undefined) this.#attach(client);
    else if (this.#slots.wait()) pool.wait(this, 'default');
    else this.#failLater('overflow');
  }

  clientReady(client: UpstreamClient): void {
    this.#slots.stopWaiting();
    this.#reused = client.served > 0;
    this.#attach(client);
  }

  clientFailed(error: ConnectError): void {
    this.#slots.stopWaiting();
    this.#failed(error);
  }

  #attach(client: UpstreamClient): void {
    if (!this.#slots.takeRequest(client.endpoint)) {
      this.#pool?.release(client);
      this.#failLater('overflow');
      return;
    }
    this.#client = client;
    this.#sentAt = this.context.runtime.clock.now();
    client.begin(this, this.head.method);
    client.sendHead(this, this.#body.chunked);
    this.#retry?.tryBegins();
    if (this.#flush()) this.#owner.callDrained();
  }

  // --------------------------------------------------------------------------------------------------------------- the answer

  responseArrived(client: UpstreamClient): void {
    try {
      this.#read(client);
    } catch (error) {
      this.context.runtime.log.write('upstream', 'critical', 'defect: a call of the engine was cut', {
        cluster: this.#cluster,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
      client.destroy();
      this.#fail('upstream-protocol-error');
    }
  }

  #read(client: UpstreamClient): void {
    const { reader } = client;
    while (this.#client === client) {
      const step = reader.next();
      if (step === STEP_MORE) return;
      if (step === STEP_FAULT) this.#failed('upstream-protocol-error');
      else if (step === STEP_BODY) this.#owner.callData(reader.bytes, reader.body.sliceStart, reader.body.sliceEnd);
      else if (reader.isInterim && reader.status !== 101) continue;
      else if (step === STEP_HEAD) this.#headArrived(client);
      else if (step === STEP_END) this.#complete(client);
    }
  }

  #headArrived({ reader, endpoint }: UpstreamClient): void {
    if (reader.switchesProtocol || reader.status === 101) {
      this.#failed('upstream-protocol-error');
      return;
    }
    const judged = judgedStatus(reader.status, reader.head, this.#grpc, endpoint.failed);
    endpoint.reportStatus(reader.status, this.context.runtime.clock.now() - this.#sentAt, judged);
    if (this.#retry?.policy.retriesAnswer(reader.status, reader.head) === true && this.#tryAgain()) return;
    this.#answered = true;
    this.#retry?.tryEnds();
    this.#owner.callHead(reader.status, reader.head);
  }

  #complete({ reader }: UpstreamClient): void {
    this.#end();
    const { trailers } = reader.body;
    try {
      this.#owner.callEnded(trailers !== undefined && trailers.count > 0 ? trailers : undefined);
    } finally {
      this.#leave(this.#body.fullySent && reader.keepAlive && reader.buffered === 0);
    }
  }

  upstreamClosed(client: UpstreamClient, complete: boolean, how: UpstreamEnd): void {
    if (this.#client !== client) return;
    if (complete && this.#answered) this.#complete(client);
    else this.#failed(how === 'no-tunnels' ? 'upstream-protocol-error' : (END_ERRORS[how] as CallError), how);
  }

  upstreamDrained(): void {
    this.#owner.callDrained();
  }

  timerFired(kind: number): void {
    if (this.#over) return;
    if (kind === TIMER_BACK_OFF) {
      if (this.#runtime !== undefined) this.#attempt(this.#runtime);
      return;
    }
    if (this.#client !== undefined) this.#endpoint?.reportLocalOriginFailure('timeout');
    if (kind === TIMER_TRY && this.#retry?.policy.retriesError('per-try-timeout', true) === true && this.#tryAgain())
      return;
    this.#fail('upstream-timeout');
  }

  // -------------------------------------------------------------------------------------------------------------- its failure

  #failed(error: CallError, how?: UpstreamEnd): void {
    const sent = this.#sentAt >= 0;
    if (sent)
      this.#endpoint?.reportLocalOriginFailure(error === 'upstream-protocol-error' ? 'protocol-error' : 'reset');
    const unseen = how === 'refused' || unseenByApplication(error, this.#reused, sent, this.head.method);
    const again = unseen && !this.#answered && this.#attempts < UNSEEN_TRIES && (!sent || this.#body.replayable);
    if (!again || this.#runtime === undefined) {
      const wanted = !this.#answered && this.#retry?.policy.retriesError(error, sent) === true;
      if (!wanted || !this.#tryAgain()) this.#fail(error);
      return;
    }
    this.#leave(false);
    this.#body.rewind();
    if (error === 'upstream-closed' || how === 'refused') this.#pool?.dropIdle();
    else if (this.#endpoint !== undefined) this.#tried.push(this.#endpoint);
    this.#attempt(this.#runtime);
  }

  /** By policy: the try is over, another one begins after a wait. */
  #tryAgain(): boolean {
    if (this.#retry?.again(this.#slots) !== true) return false;
    this.#runtime?.count('upstream_rq_retry');
    this.#leave(false);
    this.#body.rewind();
    if (this.#endpoint !== undefined) this.#tried.push(this.#endpoint);
    return true;
  }

  #fail(error: CallError): void {
    if (this.#over) return;
    this.#end();
    this.#leave(false);
    this.#owner.callFailed(error);
  }

  /** Whoever calls is still at work on what made it call. */
  #failLater(error: CallError): void {
    setImmediate(() => this.#fail(error));
  }

  /** Gives back everything the try holds. */
  #leave(reusable: boolean): void {
    if (this.#slots.waiting) {
      this.#pool?.stopWaiting(this);
      this.#slots.stopWaiting();
    }
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    this.#retry?.tryEnds();
    this.#slots.giveRequest();
    client.target = undefined;
    if (reusable) this.#pool?.release(client);
    else client.destroy();
  }
}
