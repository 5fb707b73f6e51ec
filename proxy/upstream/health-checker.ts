/**
 * Active health checks of one endpoint: a TCP connection and what is said on it, or one HTTP/1.1 request, each on a connection of its own. Unhealthy until the first pass.
 */
import type { Socket } from 'node:net';
import type { Timer } from '@weft/core/kernel';
import type { HealthCheck } from '@weft/core/proxy-config';
import type { Http2Memory } from '@weft/wire/http2';
import type { ConnectAttempt, ConnectHandler, UpstreamConnection } from '../ports.ts';
import type { UpstreamEndpoint } from './endpoint.ts';
import { GrpcProbe, probeMemory } from './grpc-probe.ts';
import { type CheckResult, HealthState } from './health-state.ts';

export class HealthChecker {
  readonly #endpoint: UpstreamEndpoint;
  readonly #checks: readonly RunningCheck[];

  constructor(endpoint: UpstreamEndpoint, checks: readonly HealthCheck[]) {
    this.#endpoint = endpoint;
    this.#checks = checks.map(
      (check) =>
        new RunningCheck(
          endpoint,
          check,
          () => this.#changed(),
          (passed) => this.#ended(passed),
        ),
    );
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

  #ended(passed: boolean): void {
    const endpoint = this.#endpoint;
    if (endpoint.unchecked && this.checked) {
      endpoint.unchecked = false;
      endpoint.cluster.touch();
    }
    if (passed && this.#checks.every((check) => check.healthy)) endpoint.cluster.checkPassed(endpoint);
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
  /** As Envoy: checks speak HTTP/1.1, whatever requests speak; gRPC ones HTTP/2. */
  readonly alpn: readonly string[];
  readonly #endpoint: UpstreamEndpoint;
  readonly #conf: HealthCheck;
  readonly #changed: () => void;
  readonly #ended: (passed: boolean) => void;
  readonly #state: HealthState;
  checked = false;
  #timer: Timer | undefined;
  #attempt: ConnectAttempt | undefined;
  #socket: Socket | undefined;
  #waiting = false;
  #memory: Http2Memory | undefined;

  constructor(endpoint: UpstreamEndpoint, conf: HealthCheck, changed: () => void, ended: (passed: boolean) => void) {
    this.#ended = ended;
    this.#endpoint = endpoint;
    this.#conf = conf;
    this.#changed = changed;
    this.alpn = conf.check.kind === 'grpc' ? ['h2'] : [];
    this.#state = new HealthState(conf.healthyThreshold, conf.unhealthyThreshold);
  }

  get healthy(): boolean {
    return this.#state.healthy;
  }

  start(): void {
    const { initialJitter } = this.#conf;
    const { clock, random } = this.#endpoint.setting.runtime;
    if (initialJitter === 0) this.#begin();
    else this.#timer = clock.after(random() * initialJitter, () => this.#begin());
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
    if (check.kind === 'tcp') this.#converse(connection.socket, check);
    else if (check.kind === 'http') this.#request(connection.socket, check);
    else this.#call(connection.socket, check);
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

  /** Whatever is expected must come, in its order; what stands between does not matter. */
  #converse(socket: Socket, { send, receive }: Extract<HealthCheck['check'], { kind: 'tcp' }>): void {
    if (send !== '') socket.write(Buffer.from(send, 'hex'));
    if (receive.length === 0) {
      this.#finish('passed');
      return;
    }
    let got = '';
    this.#listen(socket, (chunk) => {
      got += chunk.toString('hex');
      if (holdsInOrder(got, receive)) this.#finish('passed');
      else if (got.length > ANSWER_LIMIT) this.#finish('network-failure');
    });
  }

  #request(socket: Socket, check: Extract<HealthCheck['check'], { kind: 'http' }>): void {
    let head = '';
    this.#listen(socket, (chunk) => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n');
      if (end < 0 && head.length < ANSWER_LIMIT) return;
      this.#finish(verdict(head, check));
    });
    socket.write(requestText(check, this.#host(check.host)));
  }

  #call(socket: Socket, check: Extract<HealthCheck['check'], { kind: 'grpc' }>): void {
    this.#memory ??= probeMemory(this.#endpoint.setting.runtime.clock);
    const probe = new GrpcProbe(socket, this.#memory, (result) => this.#finish(result));
    this.#listen(socket, () => undefined);
    probe.ask(check.service, this.#host(check.authority), this.#endpoint.secure);
  }

  /** The endpoint's own word goes before the check's. */
  #host(stated: string): string {
    const { endpoint, cluster } = this.#endpoint;
    const named = [endpoint.healthCheck?.hostname ?? '', stated, endpoint.hostname];
    return named.find((name) => name !== '') ?? cluster.name;
  }

  #listen(socket: Socket, arrived: (chunk: Buffer) => void): void {
    socket.on('data', arrived);
    socket.on('end', () => this.#finish('network-failure'));
    socket.on('close', () => this.#finish('network-failure'));
    socket.resume();
  }

  #finish(result: CheckResult): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.checked = true;
    this.#timer?.cancel();
    this.#attempt?.cancel();
    this.#socket?.destroy();
    this.#socket = undefined;
    const changed = this.#state.take(result);
    this.#ended(result === 'passed');
    const { clock, random } = this.#endpoint.setting.runtime;
    const { intervalJitter, intervalJitterPercent } = this.#conf;
    const base = this.#interval(result === 'passed');
    const wait = base + (random() * base * intervalJitterPercent) / 100 + random() * intervalJitter;
    this.#timer = clock.after(wait, () => this.#begin());
    if (changed) this.#changed();
  }

  /** Until the next check, before jitter. */
  #interval(passed: boolean): number {
    const conf = this.#conf;
    if (!this.#endpoint.cluster.hadTraffic && conf.noTrafficInterval > 0)
      return passed && this.#state.healthy ? conf.noTrafficHealthyInterval : conf.noTrafficInterval;
    if (passed) return this.#state.pending ? conf.healthyEdgeInterval : conf.interval;
    return this.#state.pending ? conf.unhealthyEdgeInterval : conf.unhealthyInterval;
  }
}

/** Of what an endpoint may answer before it counts as failed; characters. */
const ANSWER_LIMIT = 4096;

function holdsInOrder(text: string, parts: readonly string[]): boolean {
  let from = 0;
  for (const part of parts) {
    let at = text.indexOf(part, from);
    // Two digits are one octet.
    while (at >= 0 && at % 2 === 1) at = text.indexOf(part, at + 1);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

/** The request; what the check adds comes after the standard fields, and may take their place when it removes them. */
function requestText(check: Extract<HealthCheck['check'], { kind: 'http' }>, host: string): string {
  const fields: [string, string][] = [
    ['host', host],
    ['user-agent', 'Weft/HC'],
  ];
  const sent = [...fields, ...check.headersToAdd.map(({ name, value }): [string, string] => [name, value])].filter(
    ([name]) => name === 'host' || !check.headersToRemove.includes(name),
  );
  const lines = sent.map(([name, value]) => `${name}: ${value}\r\n`);
  return `${check.method} ${check.path} HTTP/1.1\r\n${lines.join('')}connection: close\r\n\r\n`;
}

function verdict(head: string, check: Extract<HealthCheck['check'], { kind: 'http' }>): CheckResult {
  if (statusPasses(head, check.expectedStatuses)) return 'passed';
  const { retriableStatuses } = check;
  return retriableStatuses.length > 0 && statusPasses(head, retriableStatuses) ? 'network-failure' : 'failed';
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
