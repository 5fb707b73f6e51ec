/** Requests that were refused or failed lately, and one request: what each proxy told of it, who decided, and what the configuration says. */
import { h, type ComponentChildren as Child } from 'preact';
import type { KeptRequestDocument, RequestsDocument, WhyDocument } from '@weft/core/documents';
import { get, useAsked } from '../api.ts';
import { milliseconds } from '../format.ts';
import { badge, link, loaded, panel, path, Table } from '../page.ts';
import type { Address } from '../route.ts';

/** ms between looks. */
const PACE = 3000;

export function RequestsPage(): Child {
  const found = useAsked(
    (signal) => get<RequestsDocument>('/weft/v1/requests?telling=true&limit=200', signal),
    PACE,
    '',
  );
  return h(
    'div',
    null,
    h('h1', null, 'Requests'),
    h(
      'form',
      {
        class: 'filters',
        onSubmit: (event: Event) => {
          event.preventDefault();
          const id = String(new FormData(event.target as HTMLFormElement).get('id') ?? '').trim();
          if (id !== '') location.hash = `#/requests/${encodeURIComponent(id)}`;
        },
      },
      h('label', null, 'Request id ', h('input', { name: 'id', autocomplete: 'off', spellcheck: false, size: 40 })),
      h('button', { type: 'submit' }, 'Why?'),
    ),
    panel(
      'Refused and failed',
      loaded(found, ({ keeping, requests }) =>
        keeping === null
          ? h('p', { class: 'quiet' }, 'This control plane keeps no requests.')
          : [
              h(Table<KeptRequestDocument>, {
                caption: 'Newest first',
                rows: requests,
                id: ({ workload, record }) => `${workload} ${record.at} ${record.requestId} ${record.path}`,
                empty: 'None is known.',
                columns: [
                  {
                    title: 'Time',
                    by: ({ record }) => record.at,
                    cell: ({ record }) => new Date(record.at).toLocaleTimeString(),
                  },
                  { title: 'Told by', by: ({ workload }) => workload, cell: ({ workload }) => workload },
                  {
                    title: 'Other side',
                    by: ({ record }) => record.peer,
                    cell: ({ record }) =>
                      `${record.direction === 'outbound' ? 'to' : 'from'} ${record.peer || record.service || '-'}`,
                  },
                  { title: 'Request', cell: ({ record }) => `${record.method} ${record.path}` },
                  {
                    title: 'Answer',
                    by: ({ record }) => record.status,
                    cell: ({ record }) => badge('bad', record.status === 0 ? 'none' : String(record.status)),
                  },
                  {
                    title: 'Took',
                    numeric: true,
                    by: ({ record }) => record.duration,
                    cell: ({ record }) => milliseconds(record.duration),
                  },
                  { title: 'Said', cell: ({ record }) => `${record.flags} ${record.details}`.trim() },
                  {
                    title: '',
                    cell: ({ record }) =>
                      record.requestId === '' ? '' : link(`requests/${path(record.requestId)}`, 'Why?'),
                  },
                ],
              }),
              h(
                'p',
                { class: 'quiet' },
                `${keeping.requests} requests are kept, ${keeping.telling} of them refused or failed${keeping.missed === 0 ? '' : `; ${keeping.missed} more were too many`}.`,
              ),
            ],
      ),
    ),
  );
}

export function RequestPage({ address: { parts } }: { address: Address }): Child {
  const [, id = ''] = parts;
  const found = useAsked((signal) => get<WhyDocument>(`/weft/v1/why?id=${encodeURIComponent(id)}`, signal), 0, id);
  return h(
    'div',
    null,
    h('h1', null, 'Request ', h('code', null, id)),
    loaded(found, ({ hops, decision, unanswered }) =>
      hops.length === 0
        ? h(
            'p',
            { class: 'quiet', role: 'status' },
            'Nothing is kept of it: refusals and failures are, and a sample of the rest.',
          )
        : [
            panel('What the proxies told', h('pre', null, hops.map(({ text }) => text).join('\n'))),
            panel(
              decision?.of === 'now' ? 'What the configuration of now says' : 'What the configuration said then',
              decision === null
                ? h('p', { class: 'quiet' }, unanswered)
                : [
                    h(
                      'p',
                      { role: 'status' },
                      badge(
                        decision.agrees ? 'good' : 'bad',
                        decision.agrees ? 'as it happened' : 'not as it happened',
                      ),
                    ),
                    h('pre', null, decision.text),
                    decision.changed === '' ? null : h('p', { class: 'quiet' }, decision.changed),
                    decision.unsure.length === 0
                      ? null
                      : h('p', { class: 'quiet' }, `Not kept, and not asked about: ${decision.unsure.join(', ')}.`),
                  ],
            ),
          ],
    ),
  );
}
