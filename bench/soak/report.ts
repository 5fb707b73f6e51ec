/** The outcome of a soak and its page of text. */
import type { Failure } from './journal.ts';
import { BOUNDS, type Growth } from './resources.ts';

export interface Outcome {
  readonly ok: boolean;
  readonly flags: { readonly minutes: number; readonly engine: string; readonly rate: number };
  readonly seconds: number;
  /** By kind. */
  readonly requests: Readonly<Record<string, number>>;
  /** Answers by instance. */
  readonly backends: Readonly<Record<string, number>>;
  /** ms of plain GETs. */
  readonly latencies: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Load of the last 5 min; ms by which the soak's own process woke up late at worst: slow answers may be the machine's. */
  readonly machine: { readonly load: number; readonly hiccup: number };
  /** gRPC over HTTP/2. */
  readonly calls: { readonly unary: number; readonly streams: number };
  readonly echoes: number;
  readonly shortConnections: number;
  readonly events: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  readonly slowest: readonly Failure[];
  readonly growth: readonly Growth[];
  readonly findings: readonly Finding[];
}

/** What `weft check -o json` found. */
export interface Finding {
  readonly severity: string;
  readonly code: string;
  readonly text: string;
}

/** That Node is old is the machine's matter, not the mesh's; notes are no faults. */
export const faults = (findings: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ severity, code }) => severity !== 'info' && code !== 'old-node');

const list = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

export function summary(outcome: Outcome): string {
  const { flags, failures, growth, latencies, findings } = outcome;
  const total = Object.values(outcome.requests).reduce((sum, count) => sum + count, 0);
  const lines = [
    '',
    `soak on ${flags.engine}: ${(outcome.seconds / 60).toFixed(1)} min, ${total} requests (${(total / outcome.seconds).toFixed(0)} a second)`,
    `  requests   ${list(outcome.requests)}`,
    `  answers    ${list(outcome.backends)}`,
    `  GET        p50 ${latencies.p50.toFixed(1)} ms, p99 ${latencies.p99.toFixed(1)} ms, longest ${latencies.max.toFixed(0)} ms`,
    `  machine    load ${outcome.machine.load.toFixed(1)}, woke up late by ${outcome.machine.hiccup.toFixed(0)} ms at worst`,
    `  gRPC       ${outcome.calls.unary} unary calls, ${outcome.calls.streams} streams`,
    `  streams    ${outcome.echoes} echoes on long-lived connections, ${outcome.shortConnections} short connections`,
    `  events     ${list(outcome.events)}`,
    '',
    `${failures.length} failures${failures.length > 0 ? ', by kind:' : ''}`,
    ...kinds(failures),
    '',
    'slowest plain GETs',
    ...outcome.slowest.map(({ at, what, during }) => `  ${at.toFixed(1)} s ${what}; ${during.join('; ')}`),
    '',
    'growth: median of the second fifth of a life, and of the last',
  ];
  const roles = [...new Set(growth.map(({ role }) => role))];
  for (const role of roles) {
    const cells = growth
      .filter((one) => one.role === role)
      .map(({ measure, from, to, within }) => {
        const digits = BOUNDS[measure].unit === '' ? 0 : 1;
        return `${measure} ${from.toFixed(digits)} -> ${to.toFixed(digits)}${BOUNDS[measure].unit}${within ? '' : ' GREW'}`;
      });
    lines.push(`  ${role.padEnd(16)} ${cells.join('  ')}`);
  }
  lines.push(
    '',
    findings.length === 0 ? 'weft check finds nothing' : 'weft check:',
    ...findings.map(({ text }) => `  ${text}`),
  );
  lines.push('', outcome.ok ? 'soak: nothing is wrong' : 'soak: something is wrong');
  return lines.join('\n');
}

/** Failures that differ in numbers only are one kind. */
function kinds(failures: readonly Failure[]): string[] {
  const counts = new Map<string, number>();
  for (const { what } of failures) {
    const kind = what.replaceAll(/\d+(\.\d+)?/g, 'N');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 15)
    .map(([kind, count]) => `  ${count} x ${kind}`);
}
