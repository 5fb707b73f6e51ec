/** A Prometheus that the user runs, in place of the built-in store. */
import type { SeriesAnswer, SeriesQueries } from './series.ts';

/** ms for one answer. */
const PATIENCE = 30_000;
/** Octets of one answer. */
const ANSWER_LIMIT = 32 * 1024 * 1024;

export class PrometheusSeries implements SeriesQueries {
  readonly #base: string;

  /** `base`: `http://prometheus:9090`, with the path of a prefix if there is one. */
  constructor(base: string) {
    this.#base = base.replace(/\/+$/, '');
  }

  async query(path: string, parameters: URLSearchParams): Promise<SeriesAnswer> {
    try {
      const posted = path.startsWith('query');
      const response = await fetch(`${this.#base}/api/v1/${path}${posted ? '' : `?${parameters.toString()}`}`, {
        method: posted ? 'POST' : 'GET',
        ...(posted ? { body: parameters } : {}),
        signal: AbortSignal.timeout(PATIENCE),
        redirect: 'error',
      });
      const body = await response.text();
      if (body.length > ANSWER_LIMIT) return unavailable(`its answer is longer than ${ANSWER_LIMIT} octets`);
      return { code: response.status, body };
    } catch (error) {
      return unavailable(error instanceof Error ? error.message : String(error));
    }
  }
}

const unavailable = (why: string): SeriesAnswer => ({
  code: 502,
  body: JSON.stringify({ status: 'error', errorType: 'unavailable', error: `Prometheus did not answer: ${why}` }),
});
