/** The service graph, live or as it was: who calls whom, how well, and how safely. */
import { h } from 'preact';
import type { ChangeEntry, EdgeTraffic } from '@weft/core/documents';
import { changes, traffic, useAsked } from '../api.ts';
import { clock, dateTime, percent } from '../format.ts';
import { GraphView } from '../graph/view.ts';
import { closed, READABLE } from '../graph/namespaces.ts';
import { calledOf, callerOf, edgeHealth, type Graph, type GraphEdge, graphOf, healthOf } from '../model.ts';
import { badge, type Child, goldenColumns, link, loaded, lock, panel, path, Table, tiles } from '../page.ts';
import { pastRows } from '../past.ts';
import { type Address, setQuery } from '../route.ts';

const EVERY = 2000;

interface Seen {
  readonly rows: readonly EdgeTraffic[];
  readonly whole: Graph;
}

/** A frame may be drawn before what follows. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Reading, adding up and drawing are a task each: together they would take longer than a frame of a large graph. */
async function seen(asked: Promise<readonly EdgeTraffic[]>): Promise<Seen> {
  const rows = await asked;
  await pause();
  const whole = graphOf(rows);
  await pause();
  return { rows, whole };
}

/** Edges of the last minute, told by what the last ten seconds say of them: a failure must not drown in what went well before. */
async function lately(signal: AbortSignal): Promise<readonly EdgeTraffic[]> {
  const [minute, now] = await Promise.all([traffic('1m', signal), traffic('10s', signal)]);
  const pair = (row: EdgeTraffic): string => `${callerOf(row)} ${calledOf(row)}`;
  const fresh = new Set(now.map(pair));
  return [...now, ...minute.filter((row) => !fresh.has(pair(row)))];
}

export function GraphPage({ address: { query } }: { address: Address }): Child {
  const at = Number(query.get('at') ?? 0);
  const found = useAsked(
    (signal) => seen(at > 0 ? pastRows(at, signal) : lately(signal)),
    at > 0 ? 0 : EVERY,
    `graph ${at}`,
  );
  return h(
    'div',
    null,
    h('h1', null, at > 0 ? `Graph at ${dateTime(at * 1000)}` : 'Graph'),
    h(Filters, { query }),
    loaded(found, ({ rows, whole }) => {
      const shown = byNamespace(query, whole) ? closed(rows, whole, wantedOf(query)) : whole;
      return h(Drawn, { graph: filtered(shown, query), whole: filtered(whole, query), query, past: at > 0 });
    }),
  );
}

const wantedOf = (query: URLSearchParams): { readonly name: string; readonly namespace: string } => ({
  name: (query.get('name') ?? '').toLowerCase(),
  namespace: query.get('namespace') ?? '',
});

/** As somebody chose, else by size. */
function byNamespace(query: URLSearchParams, { nodes }: Graph): boolean {
  const said = query.get('group') ?? '';
  if (said !== '') return said === 'namespace';
  return nodes.length > READABLE && new Set(nodes.map(({ namespace }) => namespace)).size > 1;
}

function Filters({ query }: { query: URLSearchParams }): Child {
  const now = Date.now();
  const at = Number(query.get('at') ?? 0) * 1000;
  const back = at > 0 ? Math.min(1440, Math.round((now - at) / 60_000)) : 0;
  const text = (name: string, label: string) =>
    h(
      'label',
      null,
      label,
      h('input', {
        type: 'search',
        value: query.get(name) ?? '',
        onInput: (event: Event) => setQuery({ [name]: (event.target as HTMLInputElement).value }),
      }),
    );
  return h(
    'form',
    { class: 'filters', onSubmit: (event: Event) => event.preventDefault() },
    text('name', 'Name '),
    text('namespace', 'Namespace '),
    h(
      'label',
      null,
      h('input', {
        type: 'checkbox',
        checked: query.get('failing') === '1',
        onChange: (event: Event) => setQuery({ failing: (event.target as HTMLInputElement).checked ? '1' : '' }),
      }),
      ' only what fails',
    ),
    h(
      'label',
      { class: 'travel' },
      at > 0 ? `${back} min ago ` : 'Live ',
      h('input', {
        type: 'range',
        min: -1440,
        max: 0,
        value: -back,
        'aria-label': 'Minutes back in time',
        onChange: (event: Event) => {
          const minutes = -Number((event.target as HTMLInputElement).value);
          setQuery({ at: minutes === 0 ? '' : String(Math.floor(now / 1000) - minutes * 60) });
        },
      }),
    ),
    at > 0 ? h('button', { type: 'button', onClick: () => setQuery({ at: '' }) }, 'Back to now') : null,
  );
}

function filtered({ nodes, edges }: Graph, query: URLSearchParams): Graph {
  const { name, namespace } = wantedOf(query);
  const failing = query.get('failing') === '1';
  if (name === '' && namespace === '' && !failing) return { nodes, edges };
  const wanted = new Set(
    nodes
      .filter((node) => node.name.toLowerCase().includes(name) && (namespace === '' || node.namespace === namespace))
      .map(({ id }) => id),
  );
  const kept = edges.filter(
    (edge) =>
      (wanted.has(edge.from) || wanted.has(edge.to)) && (!failing || ['poor', 'bad'].includes(edgeHealth(edge))),
  );
  const ends = new Set(kept.flatMap(({ from, to }) => [from, to]));
  return { nodes: nodes.filter(({ id }) => ends.has(id) || (!failing && wanted.has(id))), edges: kept };
}

interface DrawnOptions {
  readonly graph: Graph;
  /** Without namespaces in place of their workloads. */
  readonly whole: Graph;
  readonly query: URLSearchParams;
  readonly past: boolean;
}

function Drawn({ graph, whole, query, past }: DrawnOptions): Child {
  const chosen = query.get('chosen') ?? '';
  const failing = whole.edges.filter(({ golden }) => healthOf(golden) === 'bad');
  if (graph.nodes.length === 0)
    return h(
      'p',
      { class: 'quiet' },
      past
        ? 'Nothing was called in the two minutes before.'
        : 'No calls in the last minute. Send a request, and it shows here.',
    );
  return [
    h(
      'p',
      { role: 'status', class: failing.length > 0 ? 'problem' : 'quiet' },
      failing.length > 0
        ? failingText(failing)
        : `${whole.nodes.length} workloads, ${whole.edges.length} edges, none failing`,
    ),
    h(GraphView, { graph, chosen, onChoose: (id: string) => setQuery({ chosen: id }) }),
    h(Chosen, { graph, chosen }),
    h(Grouping, { graph, whole }),
    h(EdgeTable, { edges: whole.edges }),
    past ? h(ChangesAround, { at: Number(query.get('at')) * 1000 }) : null,
  ];
}

/** Large graphs are drawn by namespace first; either way is one click from the other. */
function Grouping({ graph, whole }: { graph: Graph; whole: Graph }): Child {
  const grouped = graph !== whole && graph.nodes.some(({ kind }) => kind === 'namespace');
  if (!grouped && whole.nodes.length <= READABLE) return null;
  return h(
    'p',
    { class: 'quiet' },
    grouped ? 'By namespace: choose one to open it. ' : null,
    h(
      'button',
      { type: 'button', onClick: () => setQuery({ group: grouped ? 'none' : 'namespace', chosen: '' }) },
      grouped ? 'Every workload' : 'By namespace',
    ),
  );
}

/** Edges that are named; the rest are counted. */
const NAMED = 6;

function failingText(edges: readonly GraphEdge[]): string {
  const worst = edges.toSorted((a, b) => b.golden.failing - a.golden.failing).slice(0, NAMED);
  const named = worst.map(
    ({ from, to, golden }) => `${shortName(from)} → ${shortName(to)} (${percent(golden.success)})`,
  );
  return `Failing: ${named.join(', ')}${edges.length > NAMED ? ` and ${edges.length - NAMED} more` : ''}`;
}

const shortName = (id: string): string => id.slice(id.indexOf('/') + 1);

function Chosen({ graph, chosen }: { graph: Graph; chosen: string }): Child {
  const node = graph.nodes.find(({ id }) => id === chosen);
  if (node !== undefined)
    return panel(
      node.name,
      tiles(node.inbound.rate > 0 || node.inbound.octets > 0 ? node.inbound : node.outbound),
      node.kind === 'namespace'
        ? h(
            'p',
            null,
            h(
              'button',
              { type: 'button', onClick: () => setQuery({ namespace: node.namespace, chosen: '' }) },
              `Workloads of ${node.namespace}`,
            ),
          )
        : null,
      node.kind === 'workload'
        ? h(
            'p',
            null,
            link(`workloads/${path(node.namespace, node.name)}`, `Charts, callers and policies of ${node.name}`),
          )
        : null,
    );
  const edge = graph.edges.find(({ id }) => id === chosen);
  if (edge === undefined) return null;
  return panel(
    `${edge.from} → ${edge.to}`,
    tiles(edge.golden),
    h('p', null, lock(edge.security), ' · ', edge.protocols.join(', '), ' · service ', edge.services.join(', ')),
    edge.routes.length === 0 ? null : h('p', null, 'Routes: ', edge.routes.join(', ')),
  );
}

export function EdgeTable({ edges }: { edges: readonly GraphEdge[] }): Child {
  return h(Table<GraphEdge>, {
    caption: 'Edges',
    rows: edges,
    id: ({ id }) => id,
    empty: 'No calls.',
    mark: ({ golden }) => healthOf(golden),
    columns: [
      { title: 'From', by: ({ from }) => from, cell: ({ from }) => nodeLink(from) },
      { title: 'To', by: ({ to }) => to, cell: ({ to }) => nodeLink(to) },
      { title: 'State', by: ({ golden }) => healthOf(golden), cell: ({ golden }) => badge(healthOf(golden)) },
      ...goldenColumns<GraphEdge>(({ golden }) => golden),
      { title: 'Protocol', by: ({ protocols }) => protocols.join(), cell: ({ protocols }) => protocols.join(', ') },
      { title: 'Security', by: ({ security }) => security, cell: ({ security }) => lock(security) },
    ],
  });
}

export function nodeLink(id: string): Child {
  const [namespace = '', name = ''] = id.split('/');
  return name === '' || namespace === '' ? shortName(id) : link(`workloads/${path(namespace, name)}`, id);
}

function ChangesAround({ at }: { at: number }): Child {
  const all = useAsked(changes, 0, `changes around ${at}`);
  return loaded(all, (entries) => {
    const near = entries.filter(({ time }) => time <= at && time > at - 1_800_000);
    return panel(
      'Changes in the half hour before',
      near.length === 0
        ? h('p', { class: 'quiet' }, 'None.')
        : h(
            'ul',
            null,
            near.slice(0, 20).map((entry) => h('li', null, changeText(entry))),
          ),
    );
  });
}

export const changeText = ({ time, kind, namespace, name, action, author, fields }: ChangeEntry): string =>
  `${clock(time)} ${kind} ${namespace === '' ? '' : `${namespace}/`}${name} ${action} by ${author}${fields.length === 0 ? '' : `: ${fields.slice(0, 4).join(', ')}${fields.length > 4 ? ` and ${fields.length - 4} more` : ''}`}`;
