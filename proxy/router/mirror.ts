/**
 * A copy of a request sent to another cluster (envoy.config.route.v3.RouteAction.RequestMirrorPolicy): its answer is read and thrown away,
 * its failure changes nothing. Sent once the request is complete and only when its whole body is still held.
 */
import { withoutPort } from '@weft/core/decide';
import type { Mirror as MirrorRow } from '@weft/core/proxy-config';
import { BODY_UNTIL_CLOSE, STEP_END, STEP_FAULT, STEP_MORE } from '@weft/wire/http1';
import { takes } from '../filters/fraction.ts';
import type { Exchange } from '../http/exchange.ts';
import type { ManagerContext } from '../http/manager-context.ts';
import { poolOf } from '../http2/pools.ts';
import type { ClusterRuntime, PickContext, ReusableTimer, TimerTarget } from '../ports.ts';
import { applyMutations, compileSteps, type MutationStep } from './header-mutations.ts';
import { HeldSlots } from './held-slots.ts';
import { hostFor } from './server-name.ts';
import { RequestCopy } from './request-copy.ts';
import type { PoolWaiter, ResponseTarget, UpstreamClient, UpstreamPool } from './upstream-client.ts';

/** One policy of a route, compiled. */
export interface MirrorPlan {
  readonly row: MirrorRow;
  readonly request: readonly MutationStep[];
}

export const compileMirror = (row: MirrorRow, report: (fault: string) => void): MirrorPlan => ({
  row,
  request: compileSteps(row.request, report),
});

/** What of its policies one request is copied by. */
export interface MirrorTarget {
  readonly cluster: string;
  readonly plan: MirrorPlan;
}

export function chooseMirrors(exchange: Exchange, plans: readonly MirrorPlan[]): void {
  for (const plan of plans) {
    const { fraction, clusterHeader, cluster } = plan.row;
    if (fraction !== undefined && !takes(fraction, exchange.context.runtime)) continue;
    const copy = clusterHeader === '' ? cluster : (exchange.head.header(clusterHeader) ?? '');
    if (copy !== '') exchange.mirrors.push({ cluster: copy, plan });
  }
}

/** Copies go out beside the request, which is whole. */
export function sendMirrors(exchange: Exchange, timeoutMs: number): void {
  const { context, router } = exchange;
  const { body } = router;
  body.ended = true;
  if (body.wholeLength < 0 || exchange.isUpgrade || exchange.reader.form === 'authority') return;
  for (const { cluster: name, plan } of exchange.mirrors) {
    const cluster = context.setting.clusters.get(name);
    if (cluster === undefined) continue;
    const copy = new RequestCopy(exchange);
    const { edit } = copy.head;
    const { marksHost, hostRewrite } = plan.row;
    const host = edit.get('host') ?? '';
    edit.set('host', hostRewrite !== '' ? hostRewrite : marksHost ? shadowHost(host) : host);
    edit.set('x-envoy-internal', 'true');
    if (timeoutMs > 0 && !context.manager.router.suppressEnvoyHeaders)
      edit.set('x-envoy-expected-rq-timeout-ms', String(timeoutMs));
    for (const step of plan.request) applyMutations(step, edit, exchange);
    void new Mirror(context, cluster, exchange, copy, timeoutMs);
  }
}

/** The host with `-shadow` before its port, as Envoy marks it. */
function shadowHost(host: string): string {
  const name = withoutPort(host);
  return `${name}-shadow${host.slice(name.length)}`;
}

export class Mirror implements PoolWaiter, ResponseTarget, TimerTarget {
  readonly #copy: RequestCopy;
  readonly #timer: ReusableTimer;
  readonly #slots = new HeldSlots();
  readonly holdsBytes = false;
  #pool: UpstreamPool | undefined;
  #client: UpstreamClient | undefined;

  /** `timeoutMs` 0: none. */
  constructor(
    manager: ManagerContext,
    cluster: ClusterRuntime,
    context: PickContext & Pick<Exchange, 'reader'>,
    copy: RequestCopy,
    timeoutMs: number,
  ) {
    this.#copy = copy;
    this.#timer = manager.runtime.timers.create(this, 0);
    this.#slots.use(cluster.breaker('default'));
    const endpoint = cluster.pick(context);
    const { downstream } = context;
    if (endpoint === undefined || downstream === undefined) return;
    const pool = poolOf(
      endpoint,
      manager,
      context.reader.minor === 2,
      false,
      downstream,
      hostFor(endpoint, copy.head.edit),
    );
    this.#timer.start(timeoutMs);
    this.#pool = pool;
    const client = pool.take();
    if (client !== undefined) this.#send(client);
    else if (this.#slots.wait()) pool.wait(this, 'default');
    else this.#timer.stop();
  }

  clientReady(client: UpstreamClient): void {
    this.#slots.stopWaiting();
    this.#send(client);
  }

  clientFailed(): void {
    this.#slots.stopWaiting();
    this.#timer.stop();
  }

  #send(client: UpstreamClient): void {
    if (!this.#slots.takeRequest(client.endpoint)) {
      this.#timer.stop();
      this.#pool?.release(client);
      return;
    }
    this.#client = client;
    client.begin(this, this.#copy.head.method);
    client.sendHead(this.#copy, false);
    this.#sendBody(client);
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

  upstreamDrained(): void {
    if (this.#client !== undefined) this.#sendBody(this.#client);
  }

  #sendBody(client: UpstreamClient): void {
    client.sendBody(this.#copy, this.#copy.body);
  }

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
