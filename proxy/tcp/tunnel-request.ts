/**
 * A tunnel through HTTP for one TCP session (TunnelingConfig): sends CONNECT or POST on a connection of the endpoint's pool, and gives the side
 * of the tunnel when the endpoint grants it by 2xx. Nothing of the caller is sent before that.
 */
import { FieldBlock, STEP_BODY, STEP_END, STEP_FAULT, STEP_HEAD, STEP_MORE } from '@weft/wire/http1';
import type { ConnectError } from '../errors.ts';
import { HeaderEdit } from '../http/header-edit.ts';
import { latin1Text } from '../http/octets.ts';
import type { TunnelSide, TunnelSideOwner } from '../http/tunnel-side.ts';
import { poolOf } from '../http2/pools.ts';
import { hostFor } from '../router/server-name.ts';
import type {
  BreakerPriority,
  ConnectAttempt,
  DownstreamConnection,
  EndpointRuntime,
  UpstreamConnection,
} from '../ports.ts';
import { HeldSlots } from '../router/held-slots.ts';
import { applyMutations } from '../router/header-mutations.ts';
import { RequestBody } from '../router/request-body.ts';
import type {
  OutgoingRequest,
  PoolWaiter,
  ResponseTarget,
  UpstreamClient,
  UpstreamPool,
} from '../router/upstream-client.ts';
import type { TcpSession } from './session.ts';
import type { TunnelPlan } from './tunnel-plan.ts';

/** Exactly one of the two is called, always later than the tunnel was asked for, unless it was cancelled before. */
export interface TunnelRequestOwner {
  tunnelGranted(side: TunnelSide, connection: UpstreamConnection): void;
  connectFailed(error: ConnectError, detail: string): void;
}

/** Its target is told as text: there are no octets that arrived. */
const NO_READER: OutgoingRequest['reader'] = {
  head: new FieldBlock(1, latin1Text),
  pathStart: 0,
  pathEnd: 0,
  form: 'origin',
  minor: 1,
};
const PRIORITY: BreakerPriority = 'default';

export class TunnelRequest implements ConnectAttempt, PoolWaiter, ResponseTarget, OutgoingRequest, TunnelSide {
  readonly head: { readonly method: string; readonly scheme: string; readonly host: string; readonly edit: HeaderEdit };
  readonly target: string;
  readonly upgrade = '';
  readonly reader = NO_READER;
  readonly context: TunnelPlan['parts'];
  readonly holdsBytes = false;
  readonly #body = new RequestBody();
  readonly #slots = new HeldSlots();
  readonly #pool: UpstreamPool;
  readonly #downstream: DownstreamConnection;
  #owner: TunnelRequestOwner | undefined;
  #client: UpstreamClient | undefined;
  /** Whom a tunnel by POST tells, once it is granted. */
  #tunnel: TunnelSideOwner | undefined;
  #granted = false;
  #sent = false;

  constructor(plan: TunnelPlan, endpoint: EndpointRuntime, session: TcpSession) {
    const { postPath } = plan;
    const host = plan.hostname(session);
    const edit = new HeaderEdit();
    edit.add('host', host);
    if (plan.headers !== undefined) applyMutations(plan.headers, edit, session);
    this.context = plan.parts;
    this.head = {
      method: postPath === undefined ? 'CONNECT' : 'POST',
      scheme: endpoint.secure ? 'https' : 'http',
      host,
      edit,
    };
    this.target = postPath ?? host;
    this.#owner = session;
    this.#downstream = session.downstream;
    this.#body.reset(postPath !== undefined, false);
    this.#slots.use(endpoint.cluster.breaker(PRIORITY));
    this.#pool = poolOf(endpoint, plan.parts, false, false, this.#downstream, hostFor(endpoint, edit));
  }

  begin(): this {
    const client = this.#pool.take();
    if (client !== undefined) this.#attach(client);
    else if (this.#slots.wait()) this.#pool.wait(this, PRIORITY);
    else this.#later('overflow', 'max_pending_requests');
    return this;
  }

  cancel(): void {
    this.#owner = undefined;
    this.#leave();
  }

  /** The tunnel that was granted is over. */
  tunnelEnded(): void {
    this.#slots.giveRequest();
  }

  clientReady(client: UpstreamClient): void {
    this.#slots.stopWaiting();
    this.#attach(client);
  }

  clientFailed(error: ConnectError, detail: string): void {
    this.#slots.stopWaiting();
    this.#fail(error, detail);
  }

  #attach(client: UpstreamClient): void {
    if (!this.#slots.takeRequest(client.endpoint)) {
      this.#pool.release(client);
      this.#later('overflow', 'max_requests');
      return;
    }
    this.#client = client;
    client.begin(this, this.head.method);
    client.sendHead(this, this.#body.chunked);
    client.sendBody(this, this.#body);
    this.#sent = true;
  }

  // --------------------------------------------------------------------------------------------------------------- the answer

  responseArrived(client: UpstreamClient): void {
    const { reader } = client;
    while (this.#client === client) {
      const step = reader.next();
      if (step === STEP_MORE) return;
      if (step === STEP_FAULT) this.#broken('the answer is no HTTP');
      else if (reader.isInterim && reader.status !== 101) continue;
      else if (step === STEP_HEAD) this.#answered(client);
      else if (step === STEP_BODY)
        this.#tunnel?.sideData(this, reader.bytes.subarray(reader.body.sliceStart, reader.body.sliceEnd), true);
      else if (step === STEP_END) this.#ended();
    }
  }

  #answered(client: UpstreamClient): void {
    const { status } = client.reader;
    if (status < 200 || status > 299) {
      this.#fail('connect-failed', `the tunnel is refused with ${status}`);
      return;
    }
    const owner = this.#owner;
    this.#owner = undefined;
    this.#granted = true;
    if (this.head.method === 'POST') {
      owner?.tunnelGranted(this, client.connection);
      return;
    }
    this.#client = undefined;
    owner?.tunnelGranted(client.tunnelSide(), client.connection);
  }

  #ended(): void {
    this.#tunnel?.sideEnded(this);
    if (this.#body.ended) this.#over(false);
  }

  upstreamClosed(client: UpstreamClient, complete: boolean): void {
    if (this.#client !== client) return;
    if (!this.#granted) this.#fail('connect-failed', 'closed before the tunnel was granted');
    else if (complete) this.#ended();
    else this.#over(true);
  }

  upstreamDrained(): void {
    this.#tunnel?.sideDrained(this);
  }

  #broken(detail: string): void {
    if (this.#granted) this.#over(true);
    else this.#fail('connect-failed', detail);
  }

  #over(broken: boolean): void {
    const tunnel = this.#tunnel;
    this.#tunnel = undefined;
    this.#leave();
    tunnel?.sideClosed(this, broken);
  }

  #fail(error: ConnectError, detail: string): void {
    const owner = this.#owner;
    this.#owner = undefined;
    this.#leave();
    owner?.connectFailed(error, detail);
  }

  /** Whoever asks is still at work on what made it ask. */
  #later(error: ConnectError, detail: string): void {
    setImmediate(() => this.#fail(error, detail));
  }

  #leave(): void {
    if (this.#slots.waiting) {
      this.#pool.stopWaiting(this);
      this.#slots.stopWaiting();
    }
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) return;
    if (!this.#granted) this.#slots.giveRequest();
    client.target = undefined;
    client.destroy();
  }

  // --------------------------------------------------------------------------------- the side of a tunnel whose octets are content

  open(owner: TunnelSideOwner): void {
    this.#tunnel = owner;
  }

  write(chunk: Uint8Array, shared: boolean): boolean {
    this.#body.push(shared ? new Uint8Array(chunk) : chunk);
    return this.#flush();
  }

  end(): void {
    this.#body.ended = true;
    this.#flush();
  }

  finish(): void {
    this.end();
  }

  reset(): void {
    this.#over(true);
  }

  pause(): void {
    this.#client?.pauseReading();
  }

  resume(): void {
    this.#client?.resumeReading();
  }

  #flush(): boolean {
    return this.#sent && this.#client?.sendBody(this, this.#body) !== false;
  }
}
