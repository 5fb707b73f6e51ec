/** The tries of one exchange that go on beside its newest one: the first answer that the retry policy does not refuse is the exchange's. */
import { judgedStatus } from '../http/grpc.ts';
import type { ExchangeError } from '../errors.ts';
import type { HedgedTry } from './hedged-try.ts';
import type { UpstreamClient } from './upstream-client.ts';

/** The newest try. */
export interface HedgeOwner {
  /** The policy would try again after such an answer. */
  isUnwanted(answered: UpstreamClient): boolean;
  /** It is under way, or about to begin. */
  readonly isTrying: boolean;
  /** The answer of `hedge`, whose head was just read, is the exchange's; all other tries end. */
  takeOver(hedge: HedgedTry): void;
  /** No try is left. */
  giveUp(error: ExchangeError): void;
}

export class Hedges {
  readonly #owner: HedgeOwner;
  #tries: HedgedTry[] = [];

  constructor(owner: HedgeOwner) {
    this.#owner = owner;
  }

  get size(): number {
    return this.#tries.length;
  }

  get any(): boolean {
    return this.#tries.length > 0;
  }

  add(hedge: HedgedTry): void {
    this.#tries.push(hedge);
  }

  /** The head of its answer is the reader's last step. It counts unless the policy would try again and another try may do better. */
  answered(hedge: HedgedTry): void {
    this.#remove(hedge);
    const { endpoint, reader } = hedge.client;
    if (!this.#owner.isUnwanted(hedge.client) || (!this.#owner.isTrying && !this.any)) {
      this.#owner.takeOver(hedge);
      return;
    }
    const judged = judgedStatus(reader.status, reader.head, false, endpoint.failed);
    endpoint.reportStatus(reader.status, 0, judged, 'nothing');
    hedge.end(true);
  }

  /** It ended without an answer; what it held is given back. */
  failed(hedge: HedgedTry, error: ExchangeError): void {
    this.#remove(hedge);
    if (!this.#owner.isTrying && !this.any) this.#owner.giveUp(error);
  }

  /** None of them is wanted any more. */
  end(): void {
    for (const hedge of this.#tries) hedge.end();
    this.#tries = [];
  }

  #remove(hedge: HedgedTry): void {
    this.#tries = this.#tries.filter((other) => other !== hedge);
  }
}
