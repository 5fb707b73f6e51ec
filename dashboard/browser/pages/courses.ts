/** Charts of some traffic over a chosen time: rate by answer, success, latency. */
import { h } from 'preact';
import { failedShareQuery, isFailure } from '@weft/core/traffic';
import { changes, range, useAsked } from '../api.ts';
import { Chart, linesOf } from '../charts.ts';
import { milliseconds, percent, rate } from '../format.ts';
import { type Child, loaded, panel } from '../page.ts';
import { setQuery } from '../route.ts';

const SPANS: Readonly<Record<string, number>> = { '5m': 300, '30m': 1800, '1h': 3600, '6h': 21_600, '24h': 86_400 };

export interface CoursesOptions {
  /** Label matchers, `destination_workload="orders"`. */
  readonly matchers: string;
  readonly query: URLSearchParams;
}

export function Courses({ matchers, query }: CoursesOptions): Child {
  const span = query.get('span') ?? '30m';
  const seconds = SPANS[span] ?? 1800;
  const step = Math.max(5, Math.ceil(seconds / 240 / 5) * 5);
  // Where there are samples of every half minute only, a rate needs two of them.
  const window = `${Math.max(seconds > 300 ? 90 : 30, step * 2)}s`;
  const all = useAsked(
    async (signal) => {
      const end = Math.floor(Date.now() / 5000) * 5;
      const steps = { start: end - seconds, end, step };
      const ask = (text: string) => range(text, steps, signal);
      const [answers, success, quantiles, tcp, log] = await Promise.all([
        ask(`sum by (response_code, grpc_response_status) (rate(istio_requests_total{${matchers}}[${window}]))`),
        ask(`1 - ${failedShareQuery(matchers, window, 'rate')}`),
        Promise.all(
          [0.5, 0.95, 0.99].map((q) =>
            ask(
              `histogram_quantile(${q}, sum by (le) (rate(istio_request_duration_milliseconds_bucket{${matchers}}[${window}])))`,
            ),
          ),
        ),
        ask(`sum(rate(istio_tcp_sent_bytes_total{${matchers}}[${window}]))`),
        changes(signal).catch(() => []),
      ]);
      return { steps, answers, success, quantiles, tcp, log };
    },
    10_000,
    `${matchers} ${span}`,
  );
  return panel(
    'Over time',
    h(
      'div',
      { class: 'spans', role: 'group', 'aria-label': 'Time shown' },
      Object.keys(SPANS).map((name) =>
        h('button', { type: 'button', 'aria-pressed': name === span, onClick: () => setQuery({ span: name }) }, name),
      ),
    ),
    loaded(all, ({ steps, answers, success, quantiles, tcp, log }): Child => {
      const codes = linesOf(answers, steps, ({ response_code: code = '', grpc_response_status: grpc = '' }) => ({
        name: nameOf(code, grpc),
        colour: colourOf(code, grpc),
      }));
      const shares = linesOf(success, steps, () => ({ name: 'success', colour: '--good' }));
      const latencies = quantiles.flatMap(
        (series, index) => linesOf(series.slice(0, 1), steps, () => LATENCIES[index] ?? { name: '', colour: '' }).lines,
      );
      const octets = linesOf(tcp, steps, () => ({ name: 'octets a second', colour: '--line-1' }));
      if (codes.lines.length === 0 && octets.lines.length === 0)
        return h('p', { class: 'quiet' }, 'Nothing was counted in this time.');
      const common = { times: codes.times, changes: log };
      return h(
        'div',
        { class: 'charts' },
        codes.lines.length === 0
          ? null
          : h(Chart, { ...common, title: 'Requests a second', lines: codes.lines, format: rate }),
        shares.lines.length === 0
          ? null
          : h(Chart, { ...common, title: 'Success', lines: shares.lines, format: percent, top: 1 }),
        latencies.length === 0
          ? null
          : h(Chart, { ...common, title: 'Latency', lines: latencies, format: milliseconds }),
        octets.lines.length === 0
          ? null
          : h(Chart, { ...common, title: 'TCP', lines: octets.lines, format: (value: number) => rate(value) }),
      );
    }),
  );
}

const LATENCIES = [
  { name: 'p50', colour: '--line-1' },
  { name: 'p95', colour: '--line-2' },
  { name: 'p99', colour: '--line-3' },
];

function nameOf(code: string, grpc: string): string {
  if (grpc !== '') return `gRPC ${grpc}`;
  return code === '0' ? 'no answer' : code;
}

function colourOf(code: string, grpc: string): string {
  if (isFailure({ code: Number(code), grpc: grpc === '' ? -1 : Number(grpc), flags: '' })) return '--bad';
  if (grpc !== '') return grpc === '0' ? '--good' : '--poor';
  if (code.startsWith('4')) return '--poor';
  return code.startsWith('3') ? '--line-2' : '--good';
}
