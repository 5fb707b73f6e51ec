/** "May this call pass?" and "who may call this?": the control plane's own decision, with the reasons and the smallest change. */
import { h, type ComponentChildren as Child } from 'preact';
import type { CallerAnswer, CallersDocument, ExplainDocument } from '@weft/core/documents';
import { get, type StoredObject, useAsked } from '../api.ts';
import { badge, loaded, panel, Table } from '../page.ts';
import { type Address, setQuery } from '../route.ts';

const PASSES = new Set(['allowed', 'redirect']);

export function AskPage({ address: { query } }: { address: Address }): Child {
  const services = useAsked(
    async (signal) => {
      const { items } = await get<{ items: readonly StoredObject[] }>('/api/v1/services', signal);
      return items.map(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}`);
    },
    0,
    'services',
  );
  const field = (name: string, label: string, fallback: string, list?: string) =>
    h(
      'label',
      null,
      label,
      h('input', {
        name,
        value: query.get(name) ?? fallback,
        ...(list === undefined ? {} : { list }),
        autocomplete: 'off',
        spellcheck: false,
      }),
    );
  return h(
    'div',
    null,
    h('h1', null, 'Ask'),
    h(
      'form',
      {
        class: 'filters',
        onSubmit: (event: Event) => {
          event.preventDefault();
          const given = new FormData(event.target as HTMLFormElement);
          const text = (name: string): string => String(given.get(name) ?? '');
          setQuery({
            from: text('from'),
            to: text('to'),
            method: text('method'),
            path: text('path'),
            header: text('header'),
            asked: String(Date.now()),
          });
        },
      },
      field('from', 'From (workload or address) ', '', undefined),
      field('to', 'To (service) ', '', 'services'),
      field('method', 'Method ', 'GET'),
      field('path', 'Path ', '/'),
      field('header', 'Header (name: value) ', ''),
      h('button', { type: 'submit' }, 'Ask'),
      h(
        'datalist',
        { id: 'services' },
        services.state === 'ready' ? services.value.map((name) => h('option', { value: name })) : null,
      ),
    ),
    (query.get('to') ?? '') === ''
      ? h('p', { class: 'quiet' }, 'Name a service. Without a caller the answer is who may call it.')
      : h(Answers, { query, key: query.toString() }),
  );
}

function Answers({ query }: { query: URLSearchParams }): Child {
  const asked = new URLSearchParams();
  for (const name of ['from', 'to', 'method', 'path', 'header']) {
    const value = query.get(name) ?? '';
    if (value !== '') asked.append(name, value);
  }
  return query.get('from') ? h(Decision, { asked }) : h(Callers, { asked });
}

function Decision({ asked }: { asked: URLSearchParams }): Child {
  const found = useAsked((signal) => get<ExplainDocument>(`/weft/v1/explain?${asked}`, signal), 0, asked.toString());
  return panel(
    'Decision',
    loaded(found, ({ verdict, text, assumptions }) => [
      h('p', { role: 'status' }, badge(PASSES.has(verdict) ? 'good' : 'bad', verdict)),
      h('pre', null, text),
      assumptions.map((each) => h('p', { class: 'quiet' }, `assumed: ${each}`)),
    ]),
  );
}

function Callers({ asked }: { asked: URLSearchParams }): Child {
  const found = useAsked((signal) => get<CallersDocument>(`/weft/v1/callers?${asked}`, signal), 0, asked.toString());
  return panel(
    'Who may call it',
    loaded(found, ({ callers, more }) => [
      h(Table<CallerAnswer>, {
        caption: 'Callers',
        rows: callers,
        id: ({ caller }) => caller,
        empty: 'Nobody runs yet.',
        columns: [
          { title: 'Caller', by: ({ caller }) => caller, cell: ({ caller }) => caller },
          {
            title: 'Decision',
            by: ({ verdict }) => verdict,
            cell: ({ verdict }) => badge(PASSES.has(verdict) ? 'good' : 'bad', verdict),
          },
          { title: 'Why', cell: ({ reason }) => reason },
        ],
      }),
      more > 0 ? h('p', { class: 'quiet' }, `${more} more callers were not asked for.`) : null,
    ]),
  );
}
