/** What a benchmark yields, and how it is printed. */

export interface BenchRow {
  readonly name: string;
  readonly weft: number;
  readonly envoy: number;
  /** weft / envoy. */
  readonly ratio: number;
  readonly unit: string;
  /** Yardsticks beside the two, where they are installed. */
  readonly nginx?: number;
  readonly haproxy?: number;
}

export interface BenchOptions {
  readonly quick: boolean;
}

/** One group of rows; `--only` picks it by name. */
export interface Bench {
  readonly name: string;
  run(options: BenchOptions): Promise<readonly BenchRow[]>;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** The row of the medians of what was measured per contender. */
export function row(name: string, unit: string, measured: ReadonlyMap<string, readonly number[]>): BenchRow {
  const of = (contender: string): number => median(measured.get(contender) ?? []);
  const beside = (contender: 'nginx' | 'haproxy'): object =>
    measured.has(contender) ? { [contender]: of(contender) } : {};
  return {
    name,
    weft: of('weft'),
    envoy: of('envoy'),
    ratio: of('weft') / of('envoy'),
    unit,
    ...beside('nginx'),
    ...beside('haproxy'),
  };
}

const figure = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 3));

export function rowText({ name, weft, envoy, ratio, unit, nginx, haproxy }: BenchRow): string {
  const beside = [
    ...(nginx === undefined ? [] : [`nginx ${figure(nginx)}`]),
    ...(haproxy === undefined ? [] : [`haproxy ${figure(haproxy)}`]),
  ];
  return `${name.padEnd(28)} weft ${figure(weft).padStart(7)}  envoy ${figure(envoy).padStart(7)}  ratio ${ratio.toFixed(2)}  ${[unit, ...beside].join('  ')}`;
}
