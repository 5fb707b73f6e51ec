/**
 * Thresholds of one active health check (envoy.config.core.v3.HealthCheck). The first result counts at once; later ones only after their
 * threshold. An HTTP status that was not expected makes unhealthy at once, a time-out or connect failure after its threshold.
 */
export type CheckResult = 'passed' | 'failed' | 'network-failure';

export class HealthState {
  healthy = false;
  /** The last result was not yet enough to change `healthy`. */
  pending = false;
  readonly #healthyThreshold: number;
  readonly #unhealthyThreshold: number;
  #first = true;
  #streak = 0;

  constructor(healthyThreshold: number, unhealthyThreshold: number) {
    this.#healthyThreshold = healthyThreshold;
    this.#unhealthyThreshold = unhealthyThreshold;
  }

  /** True when `healthy` changed. */
  take(result: CheckResult): boolean {
    const good = result === 'passed';
    const first = this.#first;
    this.#first = false;
    this.pending = false;
    if (good === this.healthy) {
      this.#streak = 0;
      return false;
    }
    this.#streak += 1;
    const threshold = good ? this.#healthyThreshold : result === 'failed' ? 1 : this.#unhealthyThreshold;
    if (!first && this.#streak < threshold) {
      this.pending = true;
      return false;
    }
    this.#streak = 0;
    this.healthy = good;
    return true;
  }
}
