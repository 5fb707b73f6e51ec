/** Courses over time, with the changes of configuration as lines: most incidents follow a change. */
import { h, type ComponentChildren as Child } from 'preact';
import type { ChangeEntry } from '@weft/core/documents';
import { useEffect, useRef } from 'preact/hooks';
import UPlot from 'uplot';
import type { Series } from './api.ts';

export interface Line {
  readonly name: string;
  /** Variable of the style sheet that holds its colour. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

export interface ChartOptions {
  readonly title: string;
  /** Unix seconds. */
  readonly times: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
  readonly changes: readonly ChangeEntry[];
  /** Fixed upper end of the scale. */
  readonly top?: number;
}

export function Chart({ title, times, lines, format, changes, top }: ChartOptions): Child {
  const place = useRef<HTMLDivElement>(null);
  const shown = useRef(changes);
  shown.current = changes;
  const plot = useRef<UPlot | undefined>(undefined);
  const names = lines.map(({ name }) => name).join('\n');
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    // The value of a variable is its text; only a property that uses it has the colour of the present scheme.
    const colour = (name: string): string => {
      element.style.color = `var(${name})`;
      const found = getComputedStyle(element).color;
      element.style.color = '';
      return found;
    };
    const axis = {
      stroke: colour('--quiet'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { stroke: colour('--line') },
    };
    const options: UPlot.Options = {
      width: element.clientWidth || 400,
      height: 180,
      cursor: { sync: { key: 'weft' }, drag: { x: false, y: false } },
      legend: { live: true },
      scales: {
        y: { range: (_, low, high) => [Math.min(0, low ?? 0), top ?? Math.max((high ?? 0) * 1.1, 1e-9)] },
      },
      axes: [
        { ...axis, values: (_, marks) => marks.map((mark) => new Date(mark * 1000).toTimeString().slice(0, 5)) },
        { ...axis, size: 64, values: (_, marks) => marks.map((mark) => format(mark)) },
      ],
      series: [
        {
          label: 'time',
          value: (_, value) => (value === null ? '–' : new Date(value * 1000).toTimeString().slice(0, 8)),
        },
        ...lines.map(({ name, colour: variable }) => ({
          label: name,
          stroke: colour(variable),
          width: 2,
          points: { show: false },
          value: (_: UPlot, value: number | null) => (value === null ? '–' : format(value)),
        })),
      ],
      hooks: { draw: [(drawn) => drawChanges(drawn, shown.current, colour('--change'))] },
    };
    const made = new UPlot(options, dataOf(times, lines), element);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth || 400, height: 180 }));
    watch.observe(element);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [names, top]);
  useEffect(() => plot.current?.setData(dataOf(times, lines)), [times, lines]);
  const last = lines
    .map(({ name, values }) => `${lines.length === 1 ? '' : `${name} `}${lastOf(values, format)}`)
    .join(', ');
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', null, title, h('span', { class: 'quiet' }, ` now: ${last}`)),
    h('div', { ref: place, role: 'img', 'aria-label': `${title}. Now: ${last}` }),
  );
}

const dataOf = (times: readonly number[], lines: readonly Line[]): UPlot.AlignedData => [
  [...times],
  ...lines.map(({ values }) => [...values]),
];

function lastOf(values: readonly (number | null)[], format: (value: number) => string): string {
  const last = values.findLast((value) => value !== null);
  return last === undefined || last === null ? '–' : format(last);
}

function drawChanges(plot: UPlot, changes: readonly ChangeEntry[], colour: string): void {
  const { ctx: context, bbox: box } = plot;
  context.save();
  context.strokeStyle = colour;
  context.setLineDash([4, 4]);
  context.lineWidth = 1;
  for (const { time } of changes) {
    const x = Math.round(plot.valToPos(time / 1000, 'x', true));
    if (x < box.left || x > box.left + box.width) continue;
    context.beginPath();
    context.moveTo(x, box.top);
    context.lineTo(x, box.top + box.height);
    context.stroke();
  }
  context.restore();
}

/** Answers of the time series, on the times of the question; null where a series has no value. */
export function linesOf(
  series: readonly Series[],
  { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
  name: (metric: Readonly<Record<string, string>>) => { readonly name: string; readonly colour: string },
): { times: readonly number[]; lines: readonly Line[] } {
  const times = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
  const lines = series.map(({ metric, values }) => {
    const known = new Map(values.map(([at, value]) => [Math.round((at - start) / step), Number(value)]));
    return {
      ...name(metric),
      values: times.map((_, index) => {
        const value = known.get(index);
        return value === undefined || !Number.isFinite(value) ? null : value;
      }),
    };
  });
  return { times, lines };
}
