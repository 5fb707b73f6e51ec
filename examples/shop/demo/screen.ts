/** The demo's picture: a table of edges and a few lines around it, drawn in place on a terminal. */
import { styleText } from 'node:util';
import type { Edge } from './metrics.ts';

export interface Picture {
  readonly edges: readonly Edge[];
  /** Seconds that the edges' counts cover. */
  readonly seconds: number;
  readonly split: string;
  readonly notes: readonly string[];
  readonly meshFile: string;
}

const HEADERS = ['FROM', 'TO', 'VERSION', 'REQ/S', 'SUCCESS', 'P50 MS', 'P99 MS', 'MTLS'];

export function render({ edges, seconds, split, notes, meshFile }: Picture): string {
  const rows = edges.map((edge) => [
    edge.from,
    edge.to,
    edge.version,
    edge.requests > 0 ? (edge.requests / seconds).toFixed(1) : `${edge.connections} open`,
    edge.requests > 0 ? `${(100 * (1 - edge.failures / edge.requests)).toFixed(1)}%` : '-',
    Number.isNaN(edge.p50) ? '-' : edge.p50.toFixed(1),
    Number.isNaN(edge.p99) ? '-' : edge.p99.toFixed(1),
    edge.mtls ? 'yes' : 'no',
  ]);
  const widths = HEADERS.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    styleText('bold', 'weft: a mesh around a small shop, whose services know nothing of it'),
    '',
    styleText('dim', line(HEADERS)),
    ...rows.map(line),
    '',
    `orders, last ${seconds.toFixed(0)} s: ${split}`,
    `edit ${styleText('cyan', meshFile)} (the weights, for example) and save; Ctrl-C ends`,
    ...notes,
    '',
  ].join('\n');
}

/** Draws over the picture before. */
export function draw(text: string): void {
  process.stdout.write(`\x1b[H\x1b[J${text}`);
}
