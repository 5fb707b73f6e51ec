/**
 * Outlier detection (envoy.config.cluster.v3.OutlierDetection) for the endpoints of one cluster: consecutive 5xx, gateway failures and local
 * failures as they happen; success rate and failure percentage once an interval; ejection with a growing time, and return. A state machine
 * over injected time and chance; it must never know a socket.
 */
import type { MonotonicClock, Timer } from '@weft/core/kernel';
import type { OutlierDetection } from '@weft/core/proxy-config';

export type EjectionCause =
  | 'consecutive_5xx'
  | 'consecutive_gateway_failure'
  | 'consecutive_local_origin_failure'
  | 'success_rate'
  | 'failure_percentage'
  | 'local_origin_success_rate'
  | 'local_origin_failure_percentage'
  /** Of our own. */
  | 'latency'
  | 'failed_probe';

/** What traffic tells of one endpoint, and what comes of it. */
export interface EndpointMonitor {
  readonly ejected: boolean;
  status(code: number): void;
  /** A connect failure, time-out or reset: 504 for a time-out, else 503, unless local errors are told apart. */
  localFailure(timeout: boolean): void;
  /** A connection is there for an exchange. */
  localSuccess(): void;
  /** An answer took so many ms. */
  took(ms: number): void;
  /** It was chosen for an exchange. */
  chosen(): void;
  /** An exchange is over, whatever came of it. */
  ended(): void;
}

export type DetectionOutcome = 'enforced' | 'unenforced' | 'overflow';

export interface OutlierSetting {
  readonly clock: MonotonicClock;
  readonly random: () => number;
  /** `ejected` changed on the monitor. */
  readonly changed: (monitor: OutlierMonitor, cause: EjectionCause | undefined) => void;
  /** Every detection, and whether it ejected: not by chance (`unenforced`), not beyond the most that may be ejected (`overflow`). */
  readonly detected: (cause: EjectionCause, outcome: DetectionOutcome) => void;
  /** Brings in, before the rates of an interval are judged, what others counted. */
  readonly gather?: () => void;
}

/** What the detector knows of one endpoint. */
export class OutlierMonitor implements EndpointMonitor {
  /** Ejected, or on trial after that. */
  out = false;
  /** After an ejection, where one request decides: it may be chosen for it, or was. */
  trial: 'none' | 'open' | 'taken' = 'none';
  trialSince = 0;
  ejections = 0;
  server5xx = 0;
  gateway = 0;
  local = 0;
  /** Of the running interval. */
  requests = 0;
  successes = 0;
  /** As the two before, of what this side met itself, where that is told apart. */
  localRequests = 0;
  localSuccesses = 0;
  timed = 0;
  slow = 0;
  /** Multiplier of the base ejection time. */
  backOff = 0;
  ejectedAt = 0;
  ejectedFor = 0;
  returnedAt = Number.NEGATIVE_INFINITY;
  readonly #detector: OutlierDetector;

  constructor(detector: OutlierDetector) {
    this.#detector = detector;
  }

  /** It is not chosen. */
  get ejected(): boolean {
    return this.out && this.trial !== 'open';
  }

  took(ms: number): void {
    const latency = this.#detector.conf.own?.latency;
    if (latency === undefined) return;
    this.timed += 1;
    if (ms > latency.threshold) this.slow += 1;
  }

  chosen(): void {
    if (this.trial === 'open') this.#detector.tries(this);
  }

  ended(): void {
    if (this.trial === 'taken') this.#detector.triesAgain(this);
  }

  status(code: number): void {
    this.#detector.status(this, code);
  }

  localFailure(timeout: boolean): void {
    this.#detector.localFailure(this, timeout);
  }

  localSuccess(): void {
    this.#detector.localSuccess(this);
  }
}

export class OutlierDetector {
  readonly conf: OutlierDetection;
  readonly #setting: OutlierSetting;
  readonly #monitors = new Set<OutlierMonitor>();
  #ejected = 0;
  #timer: Timer | undefined;

  constructor(conf: OutlierDetection, setting: OutlierSetting) {
    this.conf = conf;
    this.#setting = setting;
  }

  get ejectedCount(): number {
    return this.#ejected;
  }

  start(): void {
    this.#timer ??= this.#setting.clock.after(this.conf.interval, this.#tick);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  add(): OutlierMonitor {
    const monitor = new OutlierMonitor(this);
    this.#monitors.add(monitor);
    return monitor;
  }

  remove(monitor: EndpointMonitor): void {
    if (monitor instanceof OutlierMonitor && this.#monitors.delete(monitor) && monitor.out) this.#ejected -= 1;
  }

  /** Another engine, which counts for the same endpoint, met the threshold of failures in a row. */
  detectedElsewhere(monitor: OutlierMonitor, cause: EjectionCause): void {
    const { conf } = this;
    if (cause === 'consecutive_5xx') this.#detect(monitor, cause, conf.enforcingConsecutive5xx);
    else if (cause === 'consecutive_gateway_failure')
      this.#detect(monitor, cause, conf.enforcingConsecutiveGatewayFailure);
    else if (cause === 'consecutive_local_origin_failure')
      this.#detect(monitor, cause, conf.enforcingConsecutiveLocalOriginFailure);
  }

  status(monitor: OutlierMonitor, code: number): void {
    const { conf } = this;
    if (monitor.trial === 'taken') this.#judge(monitor, code < 500);
    monitor.requests += 1;
    if (code < 500) {
      monitor.successes += 1;
      monitor.server5xx = 0;
      monitor.gateway = 0;
      return;
    }
    if (code >= 502 && code <= 504) {
      monitor.gateway += 1;
      if (monitor.gateway === conf.consecutiveGatewayFailure) {
        monitor.gateway = 0;
        this.#detect(monitor, 'consecutive_gateway_failure', conf.enforcingConsecutiveGatewayFailure);
      }
    } else monitor.gateway = 0;
    monitor.server5xx += 1;
    if (monitor.server5xx === conf.consecutive5xx) {
      monitor.server5xx = 0;
      this.#detect(monitor, 'consecutive_5xx', conf.enforcingConsecutive5xx);
    }
  }

  localFailure(monitor: OutlierMonitor, timeout: boolean): void {
    const { conf } = this;
    if (monitor.trial !== 'none') this.#judge(monitor, false);
    if (!conf.splitExternalLocalOriginErrors) {
      this.status(monitor, timeout ? 504 : 503);
      return;
    }
    monitor.localRequests += 1;
    monitor.local += 1;
    if (monitor.local === conf.consecutiveLocalOriginFailure) {
      monitor.local = 0;
      this.#detect(monitor, 'consecutive_local_origin_failure', conf.enforcingConsecutiveLocalOriginFailure);
    }
  }

  localSuccess(monitor: OutlierMonitor): void {
    if (!this.conf.splitExternalLocalOriginErrors) return;
    monitor.localRequests += 1;
    monitor.localSuccesses += 1;
    monitor.local = 0;
  }

  /** It passed an active check. */
  checkPassed(monitor: EndpointMonitor): void {
    if (!this.conf.returnsWhenChecked || !(monitor instanceof OutlierMonitor) || !monitor.out) return;
    this.#return(monitor, this.#setting.clock.now());
  }

  readonly #tick = (): void => {
    this.#timer = this.#setting.clock.after(this.conf.interval, this.#tick);
    const now = this.#setting.clock.now();
    for (const monitor of this.#monitors) {
      if (monitor.out) {
        if (now - monitor.ejectedAt >= monitor.ejectedFor) this.#served(monitor, now);
      } else if (monitor.backOff > 0 && now - monitor.returnedAt >= this.conf.interval) monitor.backOff -= 1;
    }
    this.#setting.gather?.();
    const { successRate, failurePercentage, splitExternalLocalOriginErrors } = this.conf;
    this.#rates(EXTERNAL, successRate.enforcing, failurePercentage.enforcing);
    if (splitExternalLocalOriginErrors)
      this.#rates(LOCAL, successRate.enforcingLocalOrigin, failurePercentage.enforcingLocalOrigin);
    this.#latencies();
    for (const monitor of this.#monitors) {
      monitor.timed = 0;
      monitor.slow = 0;
      monitor.requests = 0;
      monitor.successes = 0;
      monitor.localRequests = 0;
      monitor.localSuccesses = 0;
    }
  };

  #rates({ of, rateCause, percentageCause }: Origin, enforcingRate: number, enforcingPercentage: number): void {
    const { successRate, failurePercentage } = this.conf;
    const counted = (volume: number): Counted[] =>
      [...this.#monitors].flatMap((monitor) => {
        const { requests, successes } = of(monitor);
        if (monitor.out || requests === 0 || requests < volume) return [];
        return [{ monitor, rate: (100 * successes) / requests }];
      });
    const forRate = counted(successRate.requestVolume);
    const forPercentage = counted(failurePercentage.requestVolume);
    if (forRate.length > 0 && forRate.length >= successRate.minimumHosts) {
      const mean = forRate.reduce((sum, { rate }) => sum + rate, 0) / forRate.length;
      const variance = forRate.reduce((sum, { rate }) => sum + (rate - mean) ** 2, 0) / forRate.length;
      const threshold = mean - Math.sqrt(variance) * (successRate.stdevFactor / 1000);
      for (const { monitor, rate } of forRate) if (rate < threshold) this.#detect(monitor, rateCause, enforcingRate);
    }
    if (forPercentage.length > 0 && forPercentage.length >= failurePercentage.minimumHosts) {
      for (const { monitor, rate } of forPercentage)
        if (100 - rate >= failurePercentage.threshold) this.#detect(monitor, percentageCause, enforcingPercentage);
    }
  }

  /** The answers at a percentile took longer than a threshold where more than the rest of them did. */
  #latencies(): void {
    const latency = this.conf.own?.latency;
    if (latency === undefined) return;
    const judged = [...this.#monitors].filter(({ out, timed }) => !out && timed > 0 && timed >= latency.requestVolume);
    if (judged.length < latency.minimumHosts) return;
    for (const monitor of judged)
      if (monitor.slow * 100 > monitor.timed * (100 - latency.percentile)) this.#detect(monitor, 'latency', 100);
  }

  /** The time of an ejection is over. */
  #served(monitor: OutlierMonitor, now: number): void {
    const { interval, own } = this.conf;
    if (own?.probes !== true) {
      this.#return(monitor, now);
      return;
    }
    if (monitor.trial !== 'none' && now - monitor.trialSince < interval) return;
    // Where other engines serve too, and this one gets no request, nobody would ever try it.
    if (monitor.trial === 'open' && this.#setting.gather !== undefined) this.#return(monitor, now);
    else if (monitor.trial !== 'open') this.#open(monitor, now);
  }

  #open(monitor: OutlierMonitor, now: number): void {
    monitor.trial = 'open';
    monitor.trialSince = now;
    this.#setting.changed(monitor, undefined);
  }

  /** One exchange goes there, and no other until it is over. */
  tries(monitor: OutlierMonitor): void {
    monitor.trial = 'taken';
    monitor.trialSince = this.#setting.clock.now();
    this.#setting.changed(monitor, undefined);
  }

  /** The exchange is over without a verdict, as when its client went away. */
  triesAgain(monitor: OutlierMonitor): void {
    this.#open(monitor, this.#setting.clock.now());
  }

  #judge(monitor: OutlierMonitor, passed: boolean): void {
    const now = this.#setting.clock.now();
    if (passed) {
      this.#return(monitor, now);
      return;
    }
    monitor.trial = 'none';
    this.#setting.detected('failed_probe', 'enforced');
    this.#eject(monitor, now);
    this.#setting.changed(monitor, 'failed_probe');
  }

  #detect(monitor: OutlierMonitor, cause: EjectionCause, enforcing: number): void {
    if (monitor.out) return;
    const may = this.#mayEject();
    const enforced = may && this.#setting.random() * 100 < enforcing;
    this.#setting.detected(cause, enforced ? 'enforced' : may ? 'unenforced' : 'overflow');
    if (!enforced) return;
    monitor.out = true;
    this.#ejected += 1;
    this.#eject(monitor, this.#setting.clock.now());
    this.#setting.changed(monitor, cause);
  }

  /** For longer each time. */
  #eject(monitor: OutlierMonitor, now: number): void {
    const { baseEjectionTime, maxEjectionTime, maxEjectionTimeJitter } = this.conf;
    monitor.ejections += 1;
    if ((monitor.backOff + 1) * baseEjectionTime <= maxEjectionTime + baseEjectionTime) monitor.backOff += 1;
    monitor.ejectedAt = now;
    monitor.ejectedFor =
      Math.min(monitor.backOff * baseEjectionTime, Math.max(maxEjectionTime, baseEjectionTime)) +
      this.#setting.random() * maxEjectionTimeJitter;
  }

  /** Envoy counts the endpoint to be ejected in: with three endpoints and 10 % nobody is ejected. */
  #mayEject(): boolean {
    if (this.conf.alwaysEjectOne && this.#ejected === 0) return true;
    return (100 * (this.#ejected + 1)) / this.#monitors.size <= this.conf.maxEjectionPercent;
  }

  #return(monitor: OutlierMonitor, now: number): void {
    monitor.out = false;
    monitor.trial = 'none';
    monitor.returnedAt = now;
    monitor.server5xx = 0;
    monitor.gateway = 0;
    monitor.local = 0;
    this.#ejected -= 1;
    this.#setting.changed(monitor, undefined);
  }
}

interface Counted {
  readonly monitor: OutlierMonitor;
  /** Percent of successes. */
  readonly rate: number;
}

/** Whose failures are counted: the endpoint's answers, or what this side met itself. */
interface Origin {
  readonly of: (monitor: OutlierMonitor) => { readonly requests: number; readonly successes: number };
  readonly rateCause: EjectionCause;
  readonly percentageCause: EjectionCause;
}

const EXTERNAL: Origin = {
  of: (monitor) => monitor,
  rateCause: 'success_rate',
  percentageCause: 'failure_percentage',
};
const LOCAL: Origin = {
  of: ({ localRequests: requests, localSuccesses: successes }) => ({ requests, successes }),
  rateCause: 'local_origin_success_rate',
  percentageCause: 'local_origin_failure_percentage',
};
