/**
 * What the processes of a soak use, sampled from /proc and from the probe within each: resident memory, open descriptors, heap after a
 * collection, live timers, active resources. A process is judged by its own life: the median of the second fifth of its samples (the
 * first is warm-up) against that of the last fifth.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { CONTROL_PLANE, type Fleet } from './fleet.ts';

type Measure = 'rss' | 'descriptors' | 'heap' | 'timers' | 'resources';

/** Growth between the medians up to which a measure counts as level: a share of the first, and an amount on top. */
export const BOUNDS: Readonly<
  Record<Measure, { readonly share: number; readonly plus: number; readonly unit: string }>
> = {
  rss: { share: 0.1, plus: 8, unit: 'MB' },
  heap: { share: 0.1, plus: 1.5, unit: 'MB' },
  descriptors: { share: 0.1, plus: 40, unit: '' },
  timers: { share: 0.1, plus: 40, unit: '' },
  resources: { share: 0.1, plus: 40, unit: '' },
};
const MEASURES = Object.keys(BOUNDS) as Measure[];
/** Samples below which a life is too short to be judged. */
const ENOUGH = 10;

type Sample = Readonly<Partial<Record<Measure, number>>>;

export interface Growth {
  readonly role: string;
  readonly measure: Measure;
  readonly from: number;
  readonly to: number;
  readonly samples: number;
  readonly within: boolean;
}

export class Resources {
  readonly #fleet: Fleet;
  /** By role and process id. */
  readonly #lives = new Map<string, { readonly role: string; readonly pid: number; readonly samples: Sample[] }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  start(): void {
    this.#timer = setInterval(() => this.sample(), 10_000);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  sample(): void {
    for (const [role, pid] of this.#fleet.running()) {
      const probe = this.#fleet.probe(pid);
      if (probe === undefined) continue;
      this.#add(role, pid, {
        ...outside(pid),
        heap: probe.heap / 2 ** 20,
        timers: probe.timers,
        resources: probe.resources,
      });
      for (const envoy of envoysOf(pid)) this.#add(`${role}: envoy`, envoy, outside(envoy));
    }
  }

  #add(role: string, pid: number, sample: Sample): void {
    const key = `${role} ${pid}`;
    const life = this.#lives.get(key) ?? { role, pid, samples: [] };
    this.#lives.set(key, life);
    life.samples.push(sample);
  }

  /** Of each process that runs now and has run long enough. */
  growth(): Growth[] {
    const running = this.#fleet.running();
    const now = new Set([...running.values(), ...[...running.values()].flatMap(envoysOf)]);
    return [...this.#lives.values()]
      .filter(({ pid, samples }) => now.has(pid) && samples.length >= ENOUGH)
      .toSorted(
        (a, b) => Number(b.role === CONTROL_PLANE) - Number(a.role === CONTROL_PLANE) || (a.role < b.role ? -1 : 1),
      )
      .flatMap(({ role, samples }) => MEASURES.flatMap((measure) => grown(role, measure, samples)));
  }
}

/** Nothing where the life is too short, or the measure was not taken. */
export function grown(role: string, measure: Measure, samples: readonly Sample[]): Growth[] {
  const values = samples.flatMap((sample) => sample[measure] ?? []);
  if (values.length < ENOUGH) return [];
  const fifth = values.length / 5;
  const from = median(values.slice(Math.round(fifth), Math.round(2 * fifth)));
  const to = median(values.slice(Math.round(4 * fifth)));
  const { share, plus } = BOUNDS[measure];
  return [{ role, measure, from, to, samples: values.length, within: to <= from * (1 + share) + plus }];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** A process may end between the question and the answer. */
function outside(pid: number): Sample {
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { rss: Number(kilobytes) / 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return {};
  }
}

function envoysOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
    return children.filter((child) => child > 0 && readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('envoy'));
  } catch {
    return [];
  }
}
