/**
 * `weft top`: what is busiest now. Of a workload by what is asked of it (method and path, as a tap shows them); without one the busiest edges of the
 * mesh. On a terminal it is drawn anew each second until Ctrl-C; elsewhere once, after `--for`.
 */
import { parseDuration } from '@weft/core/kernel';
import type { TapRecord } from '@weft/core/tap';
import { isFailure } from '@weft/core/traffic';
import { outputFormat, toJson } from '../cli/output.ts';
import { UsageError } from '../errors.ts';
import { fittedTable, terminalWidth } from '../traffic/fitted-table.ts';
import { followTap, type TapFlags } from '../traffic/read-tap.ts';
import { draw } from '../traffic/read-traffic.ts';
import { latency, percent, successColoured } from '../traffic/words.ts';
import { edges } from './edges.ts';

export interface TopFlags extends TapFlags {
  readonly output?: string;
  readonly for?: string;
}

/** Different paths that are told apart; what is beyond is `(other)`, so that a million paths are one line. */
const MAX_PATHS = 500;
const PACE = 1000;

export async function top(flags: TopFlags, [workload]: readonly string[]): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  const time = parseDuration(flags.for ?? '10s');
  if (time === undefined) throw new UsageError(`--for takes a duration like 30s, not '${flags.for ?? ''}'`);
  const live = process.stdout.isTTY && format === 'table';
  if (workload === undefined) {
    const { namespace: _, ...all } = flags;
    return edges({ ...all, window: '10s', watch: live });
  }
  const paths = new Paths();
  const show = (): void =>
    draw(
      format === 'json'
        ? toJson({ workload, rows: paths.rows() })
        : paths.table(live ? (process.stdout.rows ?? 24) - 2 : 50),
      live,
    );
  const timer = live ? setInterval(show, PACE) : setTimeout(() => process.kill(process.pid, 'SIGTERM'), time);
  try {
    return await followTap({ ...flags, rate: flags.rate ?? '1000' }, workload, {
      exchange: (_, exchange) => paths.add(exchange),
    });
  } finally {
    clearInterval(timer);
    if (!live) show();
  }
}

interface PathRow {
  readonly from: string;
  readonly to: string;
  readonly method: string;
  readonly path: string;
  count: number;
  failed: number;
  /** ms. */
  best: number;
  worst: number;
  last: number;
}

export class Paths {
  readonly #rows = new Map<string, PathRow>();

  add({ direction, peer, service, method, path, kind, status, grpc, flags, duration }: TapRecord): void {
    const question = path.indexOf('?');
    const shown = kind === 'tcp' ? '(tcp)' : question < 0 ? path : path.slice(0, question);
    const other = peer || service || '-';
    const [from, to] = direction === 'outbound' ? ['', other] : [other, ''];
    let key = [from, to, method, shown].join('\u0000');
    let made: Pick<PathRow, 'from' | 'to' | 'method' | 'path'> = { from, to, method, path: shown };
    if (!this.#rows.has(key) && this.#rows.size >= MAX_PATHS) {
      key = '(other)';
      made = { from: '', to: '', method: '', path: '(other)' };
    }
    const row = this.#rows.get(key) ?? {
      ...made,
      count: 0,
      failed: 0,
      best: duration,
      worst: duration,
      last: duration,
    };
    this.#rows.set(key, row);
    row.count += 1;
    if (kind === 'http' && isFailure({ code: status, grpc, flags })) row.failed += 1;
    row.best = Math.min(row.best, duration);
    row.worst = Math.max(row.worst, duration);
    row.last = duration;
  }

  /** Most first. */
  rows(): readonly PathRow[] {
    return [...this.#rows.values()].sort((a, b) => b.count - a.count);
  }

  table(most: number): string {
    return fittedTable(
      ['FROM', 'TO', 'METHOD', 'PATH', 'COUNT', 'BEST', 'WORST', 'LAST', 'SUCCESS'],
      this.rows()
        .slice(0, Math.max(1, most))
        .map((row) => {
          const success = 1 - row.failed / row.count;
          return [
            row.from || '(itself)',
            row.to || '(itself)',
            row.method,
            row.path,
            String(row.count),
            latency(row.best),
            latency(row.worst),
            latency(row.last),
            { text: percent(success), style: (text: string) => successColoured(success, text) },
          ];
        }),
      terminalWidth(),
    );
  }
}
