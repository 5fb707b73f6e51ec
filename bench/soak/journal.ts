/** What happened in a soak, in order: events of the churn, and failures with the events of the three seconds before each. */

export interface Failure {
  /** s since the start of the load. */
  readonly at: number;
  readonly what: string;
  /** Events of the last 3 s and those under way, newest first. */
  readonly during: readonly string[];
}

interface Happening {
  readonly began: number;
  ended: number;
  readonly text: string;
}

/** s before a failure in which an event may have caused it. */
const BEFORE = 3;
const SLOWEST = 8;

export class Journal {
  readonly #start = performance.now();
  readonly #happenings: Happening[] = [];
  readonly failures: Failure[] = [];
  readonly slowest: (Failure & { readonly ms: number })[] = [];
  /** How often each kind of event was. */
  readonly counts = new Map<string, number>();
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** s since the start. */
  now(): number {
    return (performance.now() - this.#start) / 1000;
  }

  /** Runs a step of the churn; what it throws is a failure of its own. */
  async during(kind: string, text: string, step: () => Promise<void>): Promise<void> {
    const happening: Happening = { began: this.now(), ended: Number.POSITIVE_INFINITY, text };
    this.#happenings.push(happening);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    try {
      await step();
    } catch (error) {
      this.fail(`${text}: ${error instanceof Error ? error.message : String(error)}`);
    }
    happening.ended = this.now();
  }

  fail(what: string): void {
    const at = this.now();
    const during = this.#during(at);
    this.failures.push({ at, what, during });
    this.#print(`${at.toFixed(1)} s  FAILED ${what}\n         during: ${during.join('; ') || 'nothing'}`);
  }

  /** Worth a look, and no failure: the slowest are kept. */
  slow(what: string, ms: number): void {
    const at = this.now();
    const fastest = this.slowest.at(-1);
    if (this.slowest.length >= SLOWEST && fastest !== undefined && ms <= fastest.ms) return;
    this.slowest.push({ at, what, ms, during: this.#during(at) });
    this.slowest.sort((a, b) => b.ms - a.ms);
    if (this.slowest.length > SLOWEST) this.slowest.pop();
  }

  #during(at: number): string[] {
    return this.#happenings
      .filter(({ ended }) => ended >= at - BEFORE)
      .toReversed()
      .map(({ began, ended, text }) =>
        ended > at ? `${text} (for ${(at - began).toFixed(1)} s)` : `${text} (done ${(at - ended).toFixed(1)} s ago)`,
      );
  }
}
