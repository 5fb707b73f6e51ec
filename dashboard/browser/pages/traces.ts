/** Traced requests of the last hour, where the Mesh names no collector: a list, and one of them as a waterfall. */
import { h } from 'preact';
import type { TraceDocument, TracesDocument } from '@weft/core/documents';
import { attributeOf, extent, type KeptSpan, spanTree } from '@weft/core/traces';
import { get, useAsked } from '../api.ts';
import { clock, milliseconds } from '../format.ts';
import { badge, type Child, link, loaded, panel, path, Table } from '../page.ts';
import { type Address, setQuery } from '../route.ts';

/** Units of a waterfall's line. */
const WIDTH = 1000;
const HEIGHT = 14;
const THINNEST = 4;
const INDENT = '\u2003';

const failed = ({ spans }: TraceDocument): number => spans.filter(({ error }) => error).length;
const nameOf = ({ namespace, workload }: KeptSpan): string => `${namespace}/${workload}`;
const requestOf = (span: KeptSpan | undefined): string =>
  span === undefined
    ? ''
    : `${attributeOf(span, 'http.request.method')} ${attributeOf(span, 'server.address')}${attributeOf(span, 'url.path')}`;

export function TracesPage({ address: { query } }: { address: Address }): Child {
  const errors = query.get('errors') === 'true';
  const workload = query.get('workload') ?? '';
  const asked = new URLSearchParams({ limit: '200', ...(errors ? { errors: 'true' } : {}), workload });
  const found = useAsked((signal) => get<TracesDocument>(`/weft/v1/traces?${asked}`, signal), 2000, `${asked}`);
  return h(
    'div',
    null,
    h('h1', null, 'Traces'),
    h(
      'form',
      { class: 'filters', onSubmit: (event: Event) => event.preventDefault() },
      h(
        'label',
        null,
        h('input', {
          type: 'checkbox',
          checked: errors,
          onChange: () => setQuery({ errors: errors ? undefined : 'true' }),
        }),
        ' only with errors',
      ),
      ' ',
      h(
        'label',
        null,
        'through workload ',
        h('input', {
          type: 'search',
          value: workload,
          onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
            setQuery({ workload: currentTarget.value.trim() }),
        }),
      ),
    ),
    loaded(found, ({ traces, health }) => [
      h(Table<TraceDocument>, {
        caption: 'Requests, newest first',
        rows: traces,
        id: ({ id }) => id,
        empty:
          health.spans === 0
            ? 'No trace is kept here: write `tracing: {}` in the Mesh, without `endpoint`.'
            : 'No trace is as you ask.',
        mark: (trace) => (failed(trace) > 0 ? 'bad' : ''),
        columns: [
          { title: 'At', by: ({ spans }) => extent(spans).start, cell: ({ spans }) => clock(extent(spans).start) },
          {
            title: 'From',
            by: ({ spans: [first] }) => (first ? nameOf(first) : ''),
            cell: ({ spans: [first] }) => (first ? nameOf(first) : ''),
          },
          { title: 'Request', cell: ({ id, spans: [first] }) => link(`traces/${path(id)}`, requestOf(first)) },
          { title: 'Status', cell: ({ spans: [first] }) => (first ? statusOf(first) : '') },
          {
            title: 'Took',
            numeric: true,
            by: ({ spans }) => extent(spans).length,
            cell: ({ spans }) => milliseconds(extent(spans).length),
          },
          { title: 'Spans', numeric: true, by: ({ spans }) => spans.length, cell: ({ spans }) => String(spans.length) },
          { title: 'Failed', numeric: true, by: failed, cell: (trace) => String(failed(trace)) },
        ],
      }),
      health.missed > 0 ? h('p', { class: 'quiet' }, `${health.missed} spans were too many and are not here.`) : null,
    ]),
  );
}

const statusOf = (span: KeptSpan): Child => {
  const status = attributeOf(span, 'http.response.status_code');
  return span.error ? badge('bad', status) : status;
};

export function TracePage({ address: { parts } }: { address: Address }): Child {
  const [, id = ''] = parts;
  // Each proxy tells its part in its own time.
  const found = useAsked((signal) => get<TracesDocument>(`/weft/v1/traces/${path(id)}`, signal), 2000, id);
  return h(
    'div',
    null,
    h('h1', null, `Trace ${id}`),
    loaded(found, ({ traces: [trace] }) =>
      trace === undefined ? h('p', { class: 'problem' }, 'This trace is not kept, or not any more.') : waterfall(trace),
    ),
  );
}

function waterfall({ spans }: TraceDocument): Child {
  const { start, length } = extent(spans);
  const share = (ms: number): number => (length === 0 ? 0 : (ms / length) * WIDTH);
  return panel(
    `${clock(start)}, ${milliseconds(length)}`,
    h(
      'div',
      { class: 'scroll', tabIndex: 0, role: 'region', 'aria-label': 'Spans' },
      h(
        'table',
        null,
        h('caption', null, 'Each span below the one that it is a part of'),
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            ['Where', 'Request', 'Status', 'At', 'Took', 'When', 'Notes'].map((title) =>
              h('th', { scope: 'col' }, title),
            ),
          ),
        ),
        h(
          'tbody',
          null,
          spanTree(spans).map(({ span, depth, orphan }) =>
            h(
              'tr',
              { class: span.error ? 'bad' : '' },
              h('td', null, INDENT.repeat(depth), span.kind === 'client' ? 'out of ' : 'into ', nameOf(span)),
              h('td', null, requestOf(span)),
              h('td', null, statusOf(span)),
              h('td', { class: 'number' }, milliseconds(span.start - start)),
              h('td', { class: 'number' }, milliseconds(span.duration)),
              h(
                'td',
                { class: 'span' },
                h(
                  'svg',
                  { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
                  h('rect', {
                    x: Math.min(WIDTH - THINNEST, share(span.start - start)),
                    width: Math.max(THINNEST, share(span.duration)),
                    y: 2,
                    height: HEIGHT - 4,
                    class: span.error ? 'bad' : '',
                  }),
                ),
              ),
              h('td', null, notesOf(span, orphan)),
            ),
          ),
        ),
      ),
    ),
  );
}

function notesOf(span: KeptSpan, orphan: boolean): string {
  const flags = attributeOf(span, 'response_flags');
  const kept = attributeOf(span, 'weft.kept');
  return [flags === '-' ? '' : flags, kept === '' ? '' : `kept: ${kept}`, orphan ? 'its parent is not here' : '']
    .filter((text) => text !== '')
    .join(', ');
}
