/** Findings of check, and the timeline of changes. */
import { h, type ComponentChildren as Child } from 'preact';
import type { ChangeEntry, FindingDocument } from '@weft/core/documents';
import { changes, findings, useAsked } from '../api.ts';
import { dateTime } from '../format.ts';
import { badge, link, loaded, path, Table } from '../page.ts';

export function FindingsPage(): Child {
  const found = useAsked(findings, 10_000, 'findings');
  return h(
    'div',
    null,
    h('h1', null, 'Findings'),
    loaded(found, (rows) =>
      h(Table<FindingDocument>, {
        caption: 'What weft check says',
        rows,
        id: ({ text }) => text,
        empty: 'Nothing to say: configuration compiles, and every proxy took it.',
        columns: [
          {
            title: 'Weight',
            by: ({ severity }) => severity,
            cell: ({ severity }) =>
              badge(severity === 'error' ? 'bad' : severity === 'warning' ? 'poor' : 'idle', severity),
          },
          { title: 'Code', by: ({ code }) => code, cell: ({ code }) => code },
          { title: 'What', cell: ({ text }) => h('span', { class: 'pre' }, text) },
        ],
      }),
    ),
  );
}

export function ChangesPage(): Child {
  const found = useAsked(changes, 5000, 'changes');
  return h(
    'div',
    null,
    h('h1', null, 'Changes'),
    loaded(found, (rows) =>
      h(Table<ChangeEntry>, {
        caption: 'Changes of configuration, newest first',
        rows,
        id: ({ revision }) => String(revision),
        empty: 'Nothing was changed yet.',
        columns: [
          {
            title: 'When',
            by: ({ time }) => time,
            cell: ({ time }) =>
              link(`?at=${Math.floor(time / 1000)}`, dateTime(time), { title: 'The graph at that time' }),
          },
          {
            title: 'What',
            by: ({ kind, name }) => `${kind} ${name}`,
            cell: ({ kind, namespace, name }) =>
              link(
                `objects/${namespace === '' ? path(kind, name) : path(kind, namespace, name)}`,
                `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`,
              ),
          },
          { title: 'Change', by: ({ action }) => action, cell: ({ action }) => action },
          { title: 'Fields', cell: ({ fields }) => fields.slice(0, 6).join(', ') },
          { title: 'By', by: ({ author }) => author, cell: ({ author }) => author },
        ],
      }),
    ),
  );
}
