/** Tables that fit a terminal: the widest columns are cut, with `…`, until a row fits. Where there is no terminal nothing is cut. */

export interface Cell {
  readonly text: string;
  /** Applied to the text after it was cut and padded. */
  readonly style?: (text: string) => string;
}

export type Row = readonly (string | Cell)[];

const GAP = 2;
/** A column is not cut below this many characters. */
const NARROWEST = 8;

/** `width`: characters of a line; undefined: as many as it takes. */
export function fittedTable(headers: readonly string[], rows: readonly Row[], width: number | undefined): string {
  const texts = rows.map((row) => headers.map((_, column) => textOf(row[column])));
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  if (width !== undefined) narrow(widths, headers, width);
  const line = (row: Row): string =>
    headers
      .map((_, column) => {
        const size = widths[column] ?? 0;
        const cell = row[column];
        const text = textOf(cell);
        const cut = text.length > size ? `${text.slice(0, size - 1)}…` : text;
        const padded = column === headers.length - 1 ? cut : cut.padEnd(size);
        return typeof cell === 'object' && cell.style !== undefined ? cell.style(padded) : padded;
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [headers, ...rows].map((row) => `${line(row)}\n`).join('');
}

const textOf = (cell: string | Cell | undefined): string => (typeof cell === 'object' ? cell.text : (cell ?? ''));

function narrow(widths: number[], headers: readonly string[], width: number): void {
  const total = (): number => widths.reduce((sum, each) => sum + each, 0) + GAP * (widths.length - 1);
  while (total() > width) {
    let widest = -1;
    for (const [column, size] of widths.entries()) {
      const least = Math.max(NARROWEST, headers[column]?.length ?? 0);
      if (size > least && size > (widths[widest] ?? 0)) widest = column;
    }
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}

/** Of standard output; undefined where it is no terminal. */
export const terminalWidth = (): number | undefined => (process.stdout.isTTY ? process.stdout.columns : undefined);
