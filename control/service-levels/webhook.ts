/** Sends alerts to the webhook that whoever started the control plane named: JSON by POST, tried three times, never queued without end. */
import { setTimeout as pause } from 'node:timers/promises';
import type { AlertEvent } from './service-levels.ts';

const TRIES = 3;
const WAITING = 100;
const PATIENCE = 10_000;

export interface WebhookOptions {
  readonly url: string;
  readonly onProblem: (text: string) => void;
  /** ms before the second try; doubled each time; default 1000. */
  readonly backOff?: number;
}

export class Webhook {
  readonly #options: WebhookOptions;
  #waiting = 0;

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async send(event: AlertEvent): Promise<void> {
    const { onProblem, backOff = 1000 } = this.#options;
    if (this.#waiting >= WAITING) return onProblem(`an alert was not sent: ${WAITING} others wait for the webhook`);
    this.#waiting += 1;
    let problem = '';
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      if (attempt > 0) await pause(backOff * 2 ** (attempt - 1), undefined, { ref: false });
      problem = await this.#post(event);
      if (problem === '') break;
    }
    this.#waiting -= 1;
    if (problem !== '') onProblem(`an alert of ${event.serviceLevel} could not be sent: ${problem}`);
  }

  /** '' when it was taken. */
  async #post(event: AlertEvent): Promise<string> {
    try {
      const response = await fetch(this.#options.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
      });
      await response.body?.cancel();
      return response.ok ? '' : `the webhook answered ${response.status}`;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
