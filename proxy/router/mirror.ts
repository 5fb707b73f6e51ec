/**
 * A copy of a request sent to another cluster (envoy.config.route.v3.RouteAction.RequestMirrorPolicy): its answer is read and thrown away,
 * its failure changes nothing.
 * Clusters that speak HTTP/2 get none yet. Sent once the request is complete and only when its whole body is still held.
 */
import { withoutPort } from '@weft/core/decide';
import { BODY_UNTIL_CLOSE, STEP_END, STEP_FAULT, STEP_MORE, writeRequestLine } from '@weft/wire/http1';
import type { Exchange } from '../http/exchange.ts';
import type { ManagerContext } from '../http/manager-context.ts';
import { poolOf } from '../http2/pools.ts';
import type { ClusterRuntime, PickContext, ReusableTimer, TimerTarget } from '../ports.ts';
import { Http1Client } from './client.ts';
import { HeldSlots } from './held-slots.ts';
import { Http1Pool } from './pool.ts';
import type { PoolWaiter, ResponseTarget, UpstreamClient } from './upstream-client.ts';

/** Copies go out beside the request, which is whole. */
export function sendMirrors(exchange: Exchange, timeoutMs: number): void {
  const { context, head, router } = exchange;
  const { body } = router;
  body.ended = true;
  const length = body.wholeLength;
  if (length < 0 || exchange.isUpgrade || exchange.reader.form === 'authority') return;
  const out = context.upstreamOut;
  for (const mirror of exchange.mirrors) {
    const cluster = context.setting.clusters.get(mirror.cluster);
    if (cluster === undefined) continue;
    writeRequestLine(out, head.method, exchange.target ?? exchange.pathText());
    const host = head.edit.get('host') ?? head.host;
    head.edit.writeWithHost(out, mirror.marksHost ? shadowHost(host) : host);
    if (body.chunked) out.field('content-length', String(length));
    out.crlf();
    body.copy(out);
    void new Mirror(context, cluster, exchange, head.method, out.take(), timeoutMs);
  }
}

/** The host with `-shadow` before its port, as Envoy marks it. */
function shadowHost(host: string): string {
  const name = withoutPort(host);
  return `${name}-shadow${host.slice(name.length)}`;
}

export class Mirror implements PoolWaiter, ResponseTarget, TimerTarget {
  readonly #bytes: Uint8Array;
  readonly #method: string;
  readonly #timer: ReusableTimer;
  readonly #slots = new HeldSlots();
  readonly holdsBytes = false;
  #pool: Http1Pool | undefined;
  #client: Http1Client | undefined;

  /** `bytes`: the request as it is sent. `timeoutMs` 0: none. */
  constructor(
    manager: ManagerContext,
    cluster: ClusterRuntime,
    context: PickContext,
    method: string,
    bytes: Uint8Array,
    timeoutMs: number,
  ) {
    this.#bytes = bytes;
    this.#method = method;
    const { runtime } = manager;
    this.#timer = runtime.timers.create(this, 0);
    this.#slots.use(cluster.breaker('default'));
    const endpoint = cluster.pick(context);
    const { downstream } = context;
    if (endpoint === undefined || downstream === undefined) return;
    const pool = poolOf(endpoint, manager, false, true, downstream);
    if (!(pool instanceof Http1Pool)) {
      runtime.log.write('router', 'warning', 'not mirrored: copies are sent by HTTP/1.1 only', {
        cluster: cluster.name,
      });
      return;
    }
    this.#timer.start(timeoutMs);
    this.#pool = pool;
    const client = pool.take();
    if (client !== undefined) this.#send(client);
    else if (this.#slots.wait()) pool.wait(this, 'default');
  }

  clientReady(client: UpstreamClient): void {
    this.#slots.stopWaiting();
    if (client instanceof Http1Client) this.#send(client);
  }

  clientFailed(): void {
    this.#slots.stopWaiting();
    this.#timer.stop();
  }

  #send(client: Http1Client): void {
    if (!this.#slots.takeRequest(client.endpoint)) {
      this.#pool?.release(client);
      return;
    }
    this.#client = client;
    client.begin(this, this.#method);
    client.socket.write(this.#bytes);
  }

  responseArrived(client: UpstreamClient): void {
    const { reader } = client;
    for (;;) {
      const step = reader.next();
      if (step === STEP_MORE) return;
      if (step === STEP_FAULT || reader.switchesProtocol) {
        this.#end(false);
        return;
      }
      if (step === STEP_END && !reader.isInterim) {
        client.endpoint.reportStatus(reader.status, 0);
        this.#end(reader.keepAlive && reader.body.kind !== BODY_UNTIL_CLOSE && reader.buffered === 0);
        return;
      }
    }
  }

  upstreamClosed(): void {
    this.#end(false);
  }

  upstreamDrained(): void {}

  timerFired(): void {
    if (this.#slots.waiting) {
      this.#pool?.stopWaiting(this);
      this.#slots.stopWaiting();
    }
    this.#end(false);
  }

  #end(reusable: boolean): void {
    this.#timer.stop();
    const client = this.#client;
    if (client === undefined) return;
    this.#client = undefined;
    this.#slots.giveRequest();
    client.target = undefined;
    if (reusable) this.#pool?.release(client);
    else client.destroy();
  }
}
