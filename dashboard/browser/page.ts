/** What pages are made of: panels, tables, states of loading, links. */
import { type ComponentChildren, h } from 'preact';
import { useState } from 'preact/hooks';
import type { Loaded } from './api.ts';
import { milliseconds, octets, percent, rate } from './format.ts';
import { type Golden, type Health, healthOf } from './model.ts';

export type Child = ComponentChildren;

export const link = (to: string, text: Child, more: Record<string, string> = {}): Child =>
  h('a', { href: `#/${to}`, ...more }, text);

export const path = (...parts: readonly string[]): string => parts.map(encodeURIComponent).join('/');

export function panel(title: string, ...children: Child[]): Child {
  return h('section', { class: 'panel', 'aria-label': title }, h('h2', null, title), ...children);
}

/** The value's view, or why there is none. An older value stays in sight when asking fails, and says so. */
export function loaded<T>(found: Loaded<T>, view: (value: T) => Child): Child {
  if (found.state === 'loading') return h('p', { class: 'quiet', role: 'status' }, 'Loading…');
  if (found.state === 'failed') return h('p', { class: 'problem', role: 'alert' }, found.problem);
  return [
    found.problem === '' ? null : h('p', { class: 'problem', role: 'alert' }, `Not the newest: ${found.problem}`),
    view(found.value),
  ];
}

export interface ColumnOf<T> {
  readonly title: string;
  readonly cell: (row: T) => Child;
  /** By what it is sorted; absent: not. NaN comes last. */
  readonly by?: (row: T) => number | string;
  readonly numeric?: boolean;
}

export interface TableOptions<T> {
  readonly caption: string;
  readonly columns: readonly ColumnOf<T>[];
  readonly rows: readonly T[];
  readonly empty: string;
  /** Unique among the rows. */
  readonly id: (row: T) => string;
  /** Class of a row. */
  readonly mark?: (row: T) => string;
}

/** Rows that a table has at first, and more of them each time that somebody asks: a row is a dozen elements, and all are looked at with each update. */
const SHOWN = 100;

/** Sorted by a click on a heading, in either direction. */
export function Table<T>({ caption, columns, rows, empty, id, mark }: TableOptions<T>): Child {
  const [order, setOrder] = useState<{ column: number; down: boolean } | undefined>(undefined);
  const [shown, setShown] = useState(SHOWN);
  const by = order === undefined ? undefined : columns[order.column]?.by;
  const sorted =
    by === undefined ? rows : rows.toSorted((a, b) => compare(by(a), by(b)) * (order?.down === true ? -1 : 1));
  if (rows.length === 0) return h('p', { class: 'quiet' }, empty);
  return h(
    'div',
    { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      null,
      h('caption', null, caption),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          columns.map(({ title, by: sortable, numeric }, column) => {
            const active = order?.column === column;
            const direction = active ? (order.down ? 'descending' : 'ascending') : 'none';
            return h(
              'th',
              { scope: 'col', class: numeric === true ? 'number' : '', 'aria-sort': sortable ? direction : undefined },
              sortable === undefined
                ? title
                : h(
                    'button',
                    {
                      type: 'button',
                      onClick: () => setOrder({ column, down: active ? !order.down : numeric === true }),
                    },
                    title,
                    // Not '': Preact writes an empty text anew each time.
                    active ? (order.down ? ' ▾' : ' ▴') : null,
                  ),
            );
          }),
        ),
      ),
      h(
        'tbody',
        null,
        sorted.slice(0, shown).map((row) =>
          h(
            'tr',
            { key: id(row), class: mark?.(row) ?? '' },
            columns.map(({ cell, numeric }) => h('td', { class: numeric === true ? 'number' : '' }, cell(row))),
          ),
        ),
      ),
    ),
    sorted.length > shown
      ? h(
          'p',
          { class: 'quiet' },
          `${sorted.length - shown} more are not shown: filter them, or `,
          h('button', { type: 'button', onClick: () => setShown(shown + 4 * SHOWN) }, 'show more'),
        )
      : null,
  );
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'string' || typeof b === 'string') return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  return Number.isNaN(b) ? 1 : a - b;
}

const WORDS: Readonly<Record<Health, string>> = { good: 'good', poor: 'some fail', bad: 'failing', idle: 'idle' };

/** Colour and word together: colour alone tells nobody who cannot see it. */
export const badge = (health: Health, text = WORDS[health]): Child => h('span', { class: `badge ${health}` }, text);

export const goldenColumns = <T>(of: (row: T) => Golden): ColumnOf<T>[] => [
  { title: 'Success', numeric: true, by: (row) => of(row).success, cell: (row) => successCell(of(row)) },
  { title: 'Rate (1/s)', numeric: true, by: (row) => of(row).rate, cell: (row) => rateText(of(row)) },
  { title: 'p50', numeric: true, by: (row) => of(row).p50, cell: (row) => milliseconds(of(row).p50) },
  { title: 'p95', numeric: true, by: (row) => of(row).p95, cell: (row) => milliseconds(of(row).p95) },
  { title: 'p99', numeric: true, by: (row) => of(row).p99, cell: (row) => milliseconds(of(row).p99) },
];

export const successCell = (golden: Golden): Child => {
  const health = healthOf(golden);
  return health === 'bad' || health === 'poor' ? badge(health, percent(golden.success)) : percent(golden.success);
};

export const rateText = (golden: Golden): string =>
  golden.rate === 0 && golden.octets > 0 ? `${octets(golden.octets)}/s` : rate(golden.rate);

export function tiles(golden: Golden): Child {
  const tile = (name: string, value: string, health: Health | '' = ''): Child =>
    h('div', { class: `tile ${health}` }, h('dt', null, name), h('dd', null, value));
  return h(
    'dl',
    { class: 'tiles' },
    tile('Success', percent(golden.success), healthOf(golden)),
    tile('Rate', golden.rate === 0 && golden.octets > 0 ? `${octets(golden.octets)}/s` : `${rate(golden.rate)}/s`),
    tile('p50', milliseconds(golden.p50)),
    tile('p95', milliseconds(golden.p95)),
    tile('p99', milliseconds(golden.p99)),
  );
}

const LOCKS: Readonly<Record<string, string>> = {
  mutual_tls: '✓ mTLS',
  none: '✖ plaintext',
  mixed: '✖ partly plaintext',
  unknown: 'not known',
};

export const lock = (security: string): Child =>
  h('span', { class: security === 'mutual_tls' ? 'secure' : 'insecure' }, LOCKS[security] ?? security);
