/** `weft graph`: the service graph as the mesh saw it, for Graphviz, Mermaid or a program. */
import { UsageError } from '../errors.ts';
import { toJson } from '../cli/output.ts';
import { type TrafficFlags, withTraffic } from '../traffic/read-traffic.ts';
import { latency, percent, perSecond } from '../traffic/words.ts';
import { type EdgeSummary, edgeSummaries, versionName } from './edges.ts';

export interface GraphFlags extends TrafficFlags {
  readonly namespace?: string;
  readonly output?: string;
}

const FORMS: Readonly<Record<string, (edges: readonly EdgeSummary[]) => string>> = {
  dot,
  mermaid,
  json: (edges) => toJson({ nodes: nodesOf(edges).map(({ id, label }) => ({ id, name: label })), edges }),
};

export function graph(flags: GraphFlags): Promise<number> {
  const wanted = flags.output ?? 'mermaid';
  const form = Object.hasOwn(FORMS, wanted) ? FORMS[wanted] : undefined;
  if (form === undefined) throw new UsageError(`-o takes ${Object.keys(FORMS).join(', ')}, not '${wanted}'`);
  return withTraffic(flags, ({ rows }) => form(edgeSummaries(rows, flags.namespace)));
}

interface Node {
  readonly id: string;
  readonly label: string;
}

/** Who is not known is `outside`. */
const fromLabel = ({ from }: EdgeSummary): string => (from.name === '' ? 'outside' : versionName(from));

function nodesOf(edges: readonly EdgeSummary[]): Node[] {
  const labels = new Set(edges.flatMap((edge) => [fromLabel(edge), versionName(edge.to)]));
  return [...labels].sort().map((label, index) => ({ id: `n${index}`, label }));
}

const numbers = ({ protocol, summary }: EdgeSummary): string =>
  protocol === 'tcp'
    ? `tcp ${perSecond(summary.connections)} conn/s`
    : `${perSecond(summary.rate)} rps ${percent(summary.success)} p99 ${latency(summary.p99)}`;

function dot(edges: readonly EdgeSummary[]): string {
  const ids = new Map(nodesOf(edges).map(({ id, label }) => [label, id]));
  const nodes = [...ids].map(([label, id]) => `  ${id} [label=${dotText(label)}];\n`);
  const lines = edges.map((edge) => {
    const { summary } = edge;
    const style = summary.mtls === 'all' ? 'solid' : 'dashed';
    const colour = summary.success !== null && summary.success < 0.99 ? ', color="red"' : '';
    return `  ${ids.get(fromLabel(edge)) ?? ''} -> ${ids.get(versionName(edge.to)) ?? ''} [label=${dotText(numbers(edge))}, style=${style}${colour}];\n`;
  });
  return `digraph mesh {\n  rankdir=LR;\n  node [shape=box];\n${[...nodes, ...lines].join('')}}\n`;
}

const dotText = (text: string): string => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;

function mermaid(edges: readonly EdgeSummary[]): string {
  const ids = new Map(nodesOf(edges).map(({ id, label }) => [label, id]));
  const nodes = [...ids].map(([label, id]) => `  ${id}["${mermaidText(label)}"]\n`);
  const lines = edges.map((edge) => {
    const arrow = edge.summary.mtls === 'all' ? '-->' : '-.->';
    return `  ${ids.get(fromLabel(edge)) ?? ''} ${arrow}|"${mermaidText(numbers(edge))}"| ${ids.get(versionName(edge.to)) ?? ''}\n`;
  });
  return `graph LR\n${[...nodes, ...lines].join('')}`;
}

/** Mermaid reads character entities in quoted texts. */
const mermaidText = (text: string): string =>
  text.replace(/[^A-Za-z0-9 ./()%:_-]/g, (character) => `#${character.codePointAt(0) ?? 63};`);
