/** What services promise, and how much of the budget of failures is left. */
import { h } from 'preact';
import type { AlertState, LevelState, ServiceLevelsDocument } from '@weft/core/documents';
import { get, useAsked } from '../api.ts';
import { percent } from '../format.ts';
import { badge, type Child, link, loaded, path, Table } from '../page.ts';

interface Row {
  readonly level: LevelState;
  readonly objective: string;
  readonly good: number;
  readonly left: number;
  readonly alerts: readonly AlertState[];
}

const rowsOf = (level: LevelState): Row[] =>
  level.objectives.map(({ objective, good = Number.NaN, budgetLeft = Number.NaN, alerts }) => ({
    level,
    objective,
    good,
    left: budgetLeft,
    alerts,
  }));

export function LevelsPage(): Child {
  const found = useAsked(
    async (signal) => (await get<ServiceLevelsDocument>('/weft/v1/servicelevels', signal)).serviceLevels,
    5000,
    'levels',
  );
  return h(
    'div',
    null,
    h('h1', null, 'Service levels'),
    loaded(found, (levels) => [
      levels
        .filter(({ problem }) => problem !== '')
        .map(({ namespace, name, problem }) => h('p', { class: 'problem' }, `${namespace}/${name}: ${problem}`)),
      h(Table<Row>, {
        caption: 'Objectives',
        rows: levels.flatMap(rowsOf),
        id: ({ level, objective }) => `${level.namespace}/${level.name} ${objective}`,
        empty: 'No ServiceLevel is measured yet.',
        mark: ({ alerts }) => (alerts.some(({ burning }) => burning) ? 'bad' : ''),
        columns: [
          {
            title: 'Name',
            by: ({ level }) => `${level.namespace}/${level.name}`,
            cell: ({ level: { namespace, name } }) =>
              link(`objects/${path('ServiceLevel', namespace, name)}`, `${namespace}/${name}`),
          },
          { title: 'Of', by: ({ level }) => level.target, cell: ({ level }) => level.target },
          { title: 'Objective', by: ({ objective }) => objective, cell: ({ objective }) => objective },
          { title: 'Over', cell: ({ level }) => level.window },
          { title: 'Good', numeric: true, by: ({ good }) => good, cell: ({ good }) => percent(good) },
          { title: 'Budget left', numeric: true, by: ({ left }) => left, cell: ({ left }) => percent(left) },
          { title: 'Burning', cell: ({ alerts }) => burning(alerts) },
        ],
      }),
    ]),
  );
}

function burning(alerts: readonly AlertState[]): Child {
  const active = alerts.filter((alert) => alert.burning);
  if (active.length === 0) return 'no';
  return active.map(({ severity, burnLong = Number.NaN, long }) =>
    badge(severity === 'Page' ? 'bad' : 'poor', `${severity}: ${burnLong.toFixed(1)} times too fast over ${long}`),
  );
}
