/** The control plane's own counts: pushes, refusals, convergence, certificates. Prometheus text; names as istiod's where it has one. */
import type { Refusals } from '@weft/control/authority';
import type { XdsObserver, XdsServer } from '@weft/control/xds';
import type { TrafficHealth } from '@weft/core/documents';
import type { WallClock } from '@weft/core/kernel';
import { CertificateEnds } from './certificate-ends.ts';

const CONVERGENCE_BOUNDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 5, 10];

export class PlaneMetrics {
  readonly #pushes = new Map<string, number>();
  readonly #resources = new Map<string, number>();
  readonly #rejects = new Map<string, number>();
  readonly #convergence = new Array<number>(CONVERGENCE_BOUNDS.length + 1).fill(0);
  #convergenceSum = 0;
  #refusedStreams = 0;
  readonly certificates: CertificateEnds;
  issued = 0;

  constructor(clock: WallClock) {
    this.certificates = new CertificateEnds(clock);
  }

  readonly observer: XdsObserver = {
    pushed: (type, resources) => {
      add(this.#pushes, type, 1);
      add(this.#resources, type, resources);
    },
    rejected: (_proxy, type, rejections) => add(this.#rejects, type, rejections.length),
    converged: (elapsed) => {
      const seconds = elapsed / 1000;
      const bucket = CONVERGENCE_BOUNDS.findIndex((bound) => seconds <= bound);
      const index = bucket < 0 ? CONVERGENCE_BOUNDS.length : bucket;
      this.#convergence[index] = (this.#convergence[index] ?? 0) + 1;
      this.#convergenceSum += seconds;
    },
    closed: (_peer, _node, error) => {
      if (error !== undefined) this.#refusedStreams += 1;
    },
  };

  /** Running totals, by type of resource where they have one. */
  counts(): { readonly name: string; readonly type: string; readonly value: number }[] {
    return [
      ...[...this.#pushes].map(([type, value]) => ({ name: 'pilot_xds_pushes', type, value })),
      ...[...this.#rejects].map(([type, value]) => ({ name: 'pilot_total_xds_rejects', type, value })),
      { name: 'citadel_server_csr_count', type: '', value: this.issued },
    ];
  }

  exposition(refusals: Refusals, xds: XdsServer, traffic: TrafficHealth): string {
    const lines: string[] = [];
    const family = (name: string, type: string, help: string): void =>
      void lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    family('pilot_xds', 'gauge', 'xDS streams whose client was accepted');
    lines.push(`pilot_xds ${xds.clients().length}`);
    family('pilot_xds_pushes', 'counter', 'Responses pushed, by type');
    for (const [type, count] of this.#pushes) lines.push(`pilot_xds_pushes{type="${type}"} ${count}`);
    family('weft_xds_resources_sent_total', 'counter', 'Resources in pushed responses, by type');
    for (const [type, count] of this.#resources) lines.push(`weft_xds_resources_sent_total{type="${type}"} ${count}`);
    family('pilot_total_xds_rejects', 'counter', 'Resources that clients refused, by type');
    for (const [type, count] of this.#rejects) lines.push(`pilot_total_xds_rejects{type="${type}"} ${count}`);
    family('weft_xds_streams_ended_total', 'counter', 'Streams that this control plane ended, for whatever reason');
    lines.push(`weft_xds_streams_ended_total ${this.#refusedStreams}`);
    family('pilot_proxy_convergence_time', 'histogram', 'Seconds from a change of a proxy until it held all of it');
    let cumulative = 0;
    this.#convergence.forEach((count, index) => {
      cumulative += count;
      lines.push(`pilot_proxy_convergence_time_bucket{le="${CONVERGENCE_BOUNDS[index] ?? '+Inf'}"} ${cumulative}`);
    });
    lines.push(
      `pilot_proxy_convergence_time_sum ${this.#convergenceSum}`,
      `pilot_proxy_convergence_time_count ${cumulative}`,
    );
    family('citadel_server_csr_count', 'counter', 'Certificates issued');
    lines.push(`citadel_server_csr_count ${this.issued}`);
    const table = (name: string, type: string, help: string, value: number): void => {
      family(name, type, help);
      lines.push(`${name} ${value}`);
    };
    table('weft_traffic_reporters', 'gauge', 'Agents whose proxies report what they count', traffic.reporters);
    table('weft_traffic_edges', 'gauge', 'Edges in the live table', traffic.edges);
    table(
      'weft_traffic_overflow_total',
      'counter',
      'Rows counted in other, since the table was full',
      traffic.overflow,
    );
    table('weft_traffic_refused_total', 'counter', 'Reports that were refused or came twice', traffic.refused);
    family('weft_refusals_total', 'counter', 'Callers refused, by reason');
    for (const [reason, count] of refusals.counts()) lines.push(`weft_refusals_total{reason="${reason}"} ${count}`);
    return `${lines.join('\n')}\n`;
  }
}

const add = (counts: Map<string, number>, key: string, amount: number): void =>
  void counts.set(key, (counts.get(key) ?? 0) + amount);
