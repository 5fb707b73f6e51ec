/**
 * Active health checks of one endpoint: TCP connect, or one HTTP/1.1 request on a connection of its own. Unhealthy until the first pass. A check
 * that this engine cannot do is refused when the configuration is applied (`unsupportedCheck`), never skipped.
 */
import type { Socket } from 'node:net';
import type { Timer } from '@weft/core/kernel';
import type { Cluster, HealthCheck } from '@weft/core/proxy-config';
import type { ConnectAttempt, ConnectHandler, UpstreamConnection } from '../ports.ts';
import type { UpstreamEndpoint } from './endpoint.ts';
import { type CheckResult, HealthState } from './health-state.ts';

/** A sentence about what cannot be checked, or undefined. */
export function unsupportedCheck(config: Cluster): string | undefined {
  for (const { check } of config.healthChecks) {
    if (check.kind === 'grpc') return 'gRPC health checks are not supported yet';
  }
  return undefined;
}

export class HealthChecker {
  readonly #endpoint: UpstreamEndpoint;
  readonly #checks: readonly RunningCheck[];

  constructor(endpoint: UpstreamEndpoint, checks: readonly HealthCheck[]) {
    this.#endpoint = endpoint;
    this.#checks = checks.map((check) => new RunningCheck(endpoint, check, () => this.#changed()));
  }

  start(): void {
    for (const check of this.#checks) check.start();
  }

  stop(): void {
    for (const check of this.#checks) check.stop();
  }

  /** Every check ended once. */
  get checked(): boolean {
    return this.#checks.every((check) => check.checked);
  }

  #changed(): void {
    const healthy = this.#checks.every((check) => check.healthy);
    if (healthy === this.#endpoint.checkedHealthy) return;
    this.#endpoint.checkedHealthy = healthy;
    const { cluster } = this.#endpoint;
    cluster.setting.runtime.log.write('health', 'info', healthy ? 'endpoint healthy' : 'endpoint unhealthy', {
      cluster: cluster.name,
      endpoint: this.#endpoint.address,
    });
    cluster.healthChanged(this.#endpoint);
  }
}

class RunningCheck implements ConnectHandler {
  /** As Envoy: checks speak HTTP/1.1, whatever requests speak. */
  readonly alpn: readonly string[] = [];
  readonly #endpoint: UpstreamEndpoint;
  readonly #conf: HealthCheck;
  readonly #changed: () => void;
  readonly #state: HealthState;
  checked = false;
  #timer: Timer | undefined;
  #attempt: ConnectAttempt | undefined;
  #socket: Socket | undefined;
  #waiting = false;

  constructor(endpoint: UpstreamEndpoint, conf: HealthCheck, changed: () => void) {
    this.#endpoint = endpoint;
    this.#conf = conf;
    this.#changed = changed;
    this.#state = new HealthState(conf.healthyThreshold, conf.unhealthyThreshold);
  }

  get healthy(): boolean {
    return this.#state.healthy;
  }

  start(): void {
    this.#begin();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#waiting = false;
    this.#attempt?.cancel();
    this.#socket?.destroy();
  }

  connected(connection: UpstreamConnection): void {
    this.#socket = connection.socket;
    const { check } = this.#conf;
    if (check.kind === 'tcp') {
      this.#finish('passed');
      return;
    }
    if (check.kind === 'http') this.#request(connection.socket, check);
    else this.#finish('network-failure');
  }

  connectFailed(): void {
    this.#finish('network-failure');
  }

  #begin(): void {
    const { clock } = this.#endpoint.setting.runtime;
    this.#waiting = true;
    this.#timer = clock.after(this.#conf.timeout, () => this.#finish('network-failure'));
    this.#attempt = this.#endpoint.connectForCheck(this);
  }

  #request(socket: Socket, check: Extract<HealthCheck['check'], { kind: 'http' }>): void {
    const { endpoint, cluster } = this.#endpoint;
    const host = check.host !== '' ? check.host : endpoint.hostname !== '' ? endpoint.hostname : cluster.name;
    let head = '';
    socket.on('data', (chunk: Buffer) => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n');
      if (end < 0 && head.length < 4096) return;
      this.#finish(statusPasses(head, check.expectedStatuses) ? 'passed' : 'failed');
    });
    socket.on('end', () => this.#finish('network-failure'));
    socket.on('close', () => this.#finish('network-failure'));
    socket.resume();
    socket.write(`GET ${check.path} HTTP/1.1\r\nhost: ${host}\r\nuser-agent: Weft/HC\r\nconnection: close\r\n\r\n`);
  }

  #finish(result: CheckResult): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.checked = true;
    this.#timer?.cancel();
    this.#attempt?.cancel();
    this.#socket?.destroy();
    this.#socket = undefined;
    const { clock, random } = this.#endpoint.setting.runtime;
    const { interval, noTrafficInterval, intervalJitter } = this.#conf;
    const traffic = this.#endpoint.cluster.hadTraffic;
    const wait = (traffic || noTrafficInterval === 0 ? interval : noTrafficInterval) + random() * intervalJitter;
    this.#timer = clock.after(wait, () => this.#begin());
    if (this.#state.take(result)) this.#changed();
  }
}

export function statusPasses(
  head: string,
  expected: readonly { readonly start: number; readonly end: number }[],
): boolean {
  const match = /^HTTP\/1\.[01] (\d{3})(?: |\r|$)/.exec(head);
  if (match === null) return false;
  const status = Number(match[1]);
  return expected.length === 0 ? status === 200 : expected.some(({ start, end }) => status >= start && status < end);
}
