/** A large graph by namespace: one node for each, opened one by one. What fails within keeps its colour, however much went well beside it. Pure. */
import type { EdgeTraffic } from '@weft/core/documents';
import { type Graph, graphOf, type Health, healthOf } from '../model.ts';

/** Stands for all workloads of a namespace. */
export const WHOLE = '*';
/** Workloads above which a graph is drawn by namespace unless somebody says otherwise: more cannot be read at once. */
export const READABLE = 60;

export interface Closing {
  /** Whose workloads are shown; '': nobody's. */
  readonly namespace: string;
  /** Workloads with this in their name are shown; '': none. */
  readonly name: string;
}

type Party = EdgeTraffic['edge']['source'];

const SEVERITY: readonly Health[] = ['idle', 'good', 'poor', 'bad'];
const worse = (a: Health | undefined, b: Health): Health =>
  a === undefined || SEVERITY.indexOf(b) > SEVERITY.indexOf(a) ? b : a;

/** The graph of these rows with every other workload as its namespace. `whole`: of the same rows. */
export function closed(rows: readonly EdgeTraffic[], whole: Graph, { namespace, name }: Closing): Graph {
  const stays = (party: Pick<Party, 'namespace' | 'workload'>): boolean =>
    party.workload === '' ||
    party.namespace === '' ||
    party.namespace === namespace ||
    (name !== '' && party.workload.toLowerCase().includes(name));
  const shut = (party: Party): Party => (stays(party) ? party : { ...party, workload: WHOLE });
  const graph = graphOf(
    rows.map((row) => ({
      ...row,
      edge: { ...row.edge, source: shut(row.edge.source), destination: shut(row.edge.destination) },
    })),
  );
  const idOf = (id: string): string => {
    const slash = id.indexOf('/');
    const party = { namespace: id.slice(0, Math.max(slash, 0)), workload: id.slice(slash + 1) };
    return slash <= 0 || stays(party) ? id : `${party.namespace}/${WHOLE}`;
  };
  const edges = new Map<string, Health>();
  const nodes = new Map<string, Health>();
  for (const { from, to, golden } of whole.edges) {
    const health = healthOf(golden);
    const id = `${idOf(from)}\u0000${idOf(to)}`;
    edges.set(id, worse(edges.get(id), health));
    nodes.set(idOf(to), worse(nodes.get(idOf(to)), health));
  }
  return {
    nodes: graph.nodes.map((node) => {
      const health = nodes.get(node.id);
      return node.name === WHOLE
        ? { ...node, name: node.namespace, kind: 'namespace', ...(health === undefined ? {} : { health }) }
        : node;
    }),
    edges: graph.edges.map((edge) => ({ ...edge, health: edges.get(edge.id) ?? healthOf(edge.golden) })),
  };
}
