/**
 * A try whose time-out ended and that goes on beside the next one (Envoy's hedge_on_per_try_timeout). It waits for the head of its answer and
 * says so once; who owns it decides whether that answer counts. It sends what was left of the request, and never begins another try.
 */
import type { ExchangeError } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import { STEP_END, STEP_FAULT, STEP_HEAD } from '@weft/wire/http1';
import type { Hedges } from './hedges.ts';
import type { HeldSlots } from './held-slots.ts';
import type { RequestBody } from './request-body.ts';
import {
  END_ERRORS,
  passedOver,
  type ResponseTarget,
  type UpstreamClient,
  type UpstreamEnd,
} from './upstream-client.ts';
import type { UpstreamPool } from './upstream-client.ts';

export class HedgedTry implements ResponseTarget {
  readonly client: UpstreamClient;
  readonly pool: UpstreamPool;
  /** What was left of the request. */
  readonly body: RequestBody;
  /** Monotonic ms. */
  readonly sentAt: number;
  readonly holdsBytes = false;
  readonly #exchange: Exchange;
  readonly #owner: Hedges;
  readonly #slots: HeldSlots;

  /** `slots` holds that of the request. */
  constructor(
    exchange: Exchange,
    owner: Hedges,
    held: {
      readonly client: UpstreamClient;
      readonly pool: UpstreamPool;
      readonly slots: HeldSlots;
      readonly sentAt: number;
    },
  ) {
    this.#exchange = exchange;
    this.#owner = owner;
    this.client = held.client;
    this.pool = held.pool;
    this.#slots = held.slots;
    this.sentAt = held.sentAt;
    this.body = exchange.router.body.rest();
    this.client.target = this;
  }

  responseArrived(client: UpstreamClient): void {
    try {
      this.#read(client);
    } catch (error) {
      client.destroy();
      this.#exchange.defect(error);
    }
  }

  #read({ reader }: UpstreamClient): void {
    for (;;) {
      const step = reader.next();
      if ((step === STEP_HEAD || step === STEP_END) && reader.isInterim) continue;
      if (step === STEP_HEAD) this.#owner.answered(this);
      else if (step === STEP_FAULT) this.#fail('upstream-protocol-error');
      return;
    }
  }

  upstreamClosed(_client: UpstreamClient, _complete: boolean, how: UpstreamEnd): void {
    this.#fail(END_ERRORS[how]);
  }

  upstreamDrained(): void {
    this.client.sendBody(this.#exchange, this.body);
  }

  #fail(error: ExchangeError): void {
    this.client.endpoint.reportLocalOriginFailure(error === 'upstream-protocol-error' ? 'protocol-error' : 'reset');
    this.end();
    this.#owner.failed(this, error);
  }

  /** Its client goes to another holder, and the slot of its request with it. */
  leave(to: HeldSlots): void {
    this.#slots.handOverRequest(to);
  }

  /** Nothing of it is wanted any more; `answered`: it has an answer, which may be here as a whole. */
  end(answered = false): void {
    this.#slots.giveRequest();
    const reusable = answered && passedOver(this.client, this.body);
    this.client.target = undefined;
    if (reusable) this.pool.release(this.client);
    else this.client.destroy();
  }
}
