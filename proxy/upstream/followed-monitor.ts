/**
 * Outlier detection in an engine that follows (envoy.config.cluster.v3.OutlierDetection): counts together with the other engines, asks for ejection when
 * a threshold is met, and is told. As in Envoy, the counts of an endpoint are the process's, not the thread's.
 */
import type { OutlierDetection } from '@weft/core/proxy-config';
import type { EjectionCause, EndpointMonitor, OutlierMonitor } from './outlier-detector.ts';

const SERVER_5XX = 0;
const GATEWAY = 1;
const LOCAL = 2;
const REQUESTS = 3;
const SUCCESSES = 4;
const LOCAL_REQUESTS = 5;
const LOCAL_SUCCESSES = 6;
const TIMED = 7;
const SLOW = 8;
const CELLS = 9;

export const allocateCounts = (): SharedArrayBuffer => new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT);

/** Moves what the engines counted since the last call into the monitor of the one that leads. */
export function gather(buffer: SharedArrayBuffer, monitor: OutlierMonitor): void {
  const cells = new Int32Array(buffer);
  monitor.requests += Atomics.exchange(cells, REQUESTS, 0);
  monitor.successes += Atomics.exchange(cells, SUCCESSES, 0);
  monitor.localRequests += Atomics.exchange(cells, LOCAL_REQUESTS, 0);
  monitor.localSuccesses += Atomics.exchange(cells, LOCAL_SUCCESSES, 0);
  monitor.timed += Atomics.exchange(cells, TIMED, 0);
  monitor.slow += Atomics.exchange(cells, SLOW, 0);
}

/** An endpoint that returns starts anew. */
export function forgetFailures(buffer: SharedArrayBuffer): void {
  const cells = new Int32Array(buffer);
  for (const cell of [SERVER_5XX, GATEWAY, LOCAL]) Atomics.store(cells, cell, 0);
}

export class FollowedMonitor implements EndpointMonitor {
  ejected = false;
  readonly #conf: OutlierDetection;
  readonly #cells: Int32Array;
  readonly #detected: (cause: EjectionCause) => void;

  constructor(conf: OutlierDetection, buffer: SharedArrayBuffer, detected: (cause: EjectionCause) => void) {
    this.#conf = conf;
    this.#cells = new Int32Array(buffer);
    this.#detected = detected;
  }

  status(code: number): void {
    Atomics.add(this.#cells, REQUESTS, 1);
    if (code < 500) {
      Atomics.add(this.#cells, SUCCESSES, 1);
      this.#clear(SERVER_5XX);
      this.#clear(GATEWAY);
      return;
    }
    if (code >= 502 && code <= 504)
      this.#count(GATEWAY, this.#conf.consecutiveGatewayFailure, 'consecutive_gateway_failure');
    else this.#clear(GATEWAY);
    this.#count(SERVER_5XX, this.#conf.consecutive5xx, 'consecutive_5xx');
  }

  localFailure(timeout: boolean): void {
    if (!this.#conf.splitExternalLocalOriginErrors) {
      this.status(timeout ? 504 : 503);
      return;
    }
    Atomics.add(this.#cells, LOCAL_REQUESTS, 1);
    this.#count(LOCAL, this.#conf.consecutiveLocalOriginFailure, 'consecutive_local_origin_failure');
  }

  localSuccess(): void {
    if (!this.#conf.splitExternalLocalOriginErrors) return;
    Atomics.add(this.#cells, LOCAL_REQUESTS, 1);
    Atomics.add(this.#cells, LOCAL_SUCCESSES, 1);
    this.#clear(LOCAL);
  }

  took(ms: number): void {
    const latency = this.#conf.own?.latency;
    if (latency === undefined) return;
    Atomics.add(this.#cells, TIMED, 1);
    if (ms > latency.threshold) Atomics.add(this.#cells, SLOW, 1);
  }

  /** Trials are the matter of the engine that leads. */
  chosen(): void {}
  ended(): void {}

  /** Exactly one engine sees the threshold. */
  #count(cell: number, threshold: number, cause: EjectionCause): void {
    if (Atomics.add(this.#cells, cell, 1) + 1 !== threshold) return;
    Atomics.store(this.#cells, cell, 0);
    this.#detected(cause);
  }

  #clear(cell: number): void {
    if (Atomics.load(this.#cells, cell) !== 0) Atomics.store(this.#cells, cell, 0);
  }
}
