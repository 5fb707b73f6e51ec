/** The service graph, drawn: moved by pointer, wheel and keys; a node and an edge can be chosen by each of them. */
import { h, type ComponentChildren as Child } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { milliseconds, percent } from '../format.ts';
import { edgeHealth, type Graph, type GraphEdge, type GraphNode, healthOf } from '../model.ts';
import { rateText } from '../page.ts';
import { type Box, curve, EdgeCanvas } from './edges.ts';
import { type Layout, layout, NODE_HEIGHT, NODE_WIDTH, type Placed, passKey } from './layout.ts';

export interface GraphViewOptions {
  readonly graph: Graph;
  readonly chosen: string;
  /** Id of a node or an edge, '' for none. */
  readonly onChoose: (id: string) => void;
}

const MARGIN = 32;

/** Above so many edges they are drawn on a canvas: an element each would not follow the hand. The table beside them has each. */
const ELEMENTS = 300;

export function GraphView({ graph, chosen, onChoose }: GraphViewOptions): Child {
  const frame = useRef<SVGSVGElement>(null);
  // New numbers move nothing: only other nodes or edges do.
  const shape = [...graph.nodes.map(({ id }) => id), ...graph.edges.map(({ id }) => id)].sort().join('\n');
  const [narrow, setNarrow] = useState(false);
  const placed = useMemo(
    () =>
      layout(
        graph.nodes.map(({ id }) => id),
        graph.edges,
        narrow,
      ),
    [shape, narrow],
  );
  const [view, setView] = useState<Box>({ x: 0, y: 0, scale: 1 });
  const fit = (): void => {
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined || placed.width === 0) return;
    const scale = Math.min(1.2, (box.width - 2 * MARGIN) / placed.width, (box.height - 2 * MARGIN) / placed.height);
    setView({
      scale,
      x: (box.width - placed.width * scale) / 2,
      y: (box.height - placed.height * scale) / 2,
    });
  };
  useEffect(() => {
    const element = frame.current;
    if (element === null) return undefined;
    const watch = new ResizeObserver(() => setNarrow(element.clientWidth < 600));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  useEffect(fit, [placed]);
  const zoom = (factor: number, at?: { x: number; y: number }): void =>
    setView((before) => {
      const box = frame.current?.getBoundingClientRect();
      const middle = at ?? { x: (box?.width ?? 0) / 2, y: (box?.height ?? 0) / 2 };
      const scale = Math.min(4, Math.max(0.05, before.scale * factor));
      const by = scale / before.scale;
      return { scale, x: middle.x - (middle.x - before.x) * by, y: middle.y - (middle.y - before.y) * by };
    });
  const move = (x: number, y: number): void => setView((before) => ({ ...before, x: before.x + x, y: before.y + y }));
  const drag = useRef<{ x: number; y: number } | undefined>(undefined);
  const many = graph.edges.length > ELEMENTS;
  const keys: Readonly<Record<string, () => void>> = {
    '+': () => zoom(1.25),
    '-': () => zoom(0.8),
    '0': fit,
    ArrowLeft: () => move(60, 0),
    ArrowRight: () => move(-60, 0),
    ArrowUp: () => move(0, 60),
    ArrowDown: () => move(0, -60),
    Escape: () => onChoose(''),
  };
  return h(
    'div',
    { class: 'graph' },
    h(
      'div',
      { class: 'graph-tools', role: 'toolbar', 'aria-label': 'View of the graph' },
      h('button', { type: 'button', onClick: () => zoom(1.25), 'aria-label': 'Larger' }, '+'),
      h('button', { type: 'button', onClick: () => zoom(0.8), 'aria-label': 'Smaller' }, '−'),
      h('button', { type: 'button', onClick: fit }, 'Fit'),
    ),
    many ? h(EdgeCanvas, { edges: graph.edges, layout: placed, view, chosen }) : null,
    h(
      'svg',
      {
        ref: frame,
        class: 'canvas',
        role: 'group',
        tabindex: 0,
        'aria-label': `Service graph: ${graph.nodes.length} workloads, ${graph.edges.length} edges. Arrow keys move it, plus and minus change its size, tab goes from one to the next.`,
        onKeyDown: (event: KeyboardEvent) => {
          const act = keys[event.key];
          if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
          event.preventDefault();
          act();
        },
        onWheel: (event: WheelEvent) => {
          event.preventDefault();
          const box = frame.current?.getBoundingClientRect();
          zoom(Math.exp(-event.deltaY / 400), {
            x: event.clientX - (box?.left ?? 0),
            y: event.clientY - (box?.top ?? 0),
          });
        },
        onPointerDown: (event: PointerEvent) => {
          if (event.target !== frame.current) return;
          drag.current = { x: event.clientX, y: event.clientY };
          frame.current?.setPointerCapture(event.pointerId);
        },
        onPointerMove: (event: PointerEvent) => {
          if (drag.current === undefined) return;
          move(event.clientX - drag.current.x, event.clientY - drag.current.y);
          drag.current = { x: event.clientX, y: event.clientY };
        },
        onPointerUp: () => {
          drag.current = undefined;
        },
      },
      ARROWS,
      h(
        'g',
        { transform: `translate(${view.x} ${view.y}) scale(${view.scale})` },
        useMemo(
          () => (many ? null : graph.edges.map((edge) => edgeView(edge, placed, chosen, onChoose))),
          [graph, placed, chosen],
        ),
        useMemo(
          () => graph.nodes.map((node) => nodeView(node, placed.places, chosen, onChoose)),
          [graph, placed, chosen],
        ),
      ),
    ),
  );
}

const HEALTHS = ['good', 'poor', 'bad', 'idle'] as const;

const ARROWS = h(
  'defs',
  null,
  HEALTHS.map((health) =>
    h(
      'marker',
      {
        id: `arrow-${health}`,
        viewBox: '0 0 8 8',
        refX: 7,
        refY: 4,
        markerWidth: 7,
        markerHeight: 7,
        orient: 'auto',
        class: `arrow ${health}`,
        markerUnits: 'userSpaceOnUse',
      },
      h('path', { d: 'M0 0L8 4L0 8z' }),
    ),
  ),
);

/** Enter and the space bar do what a click does. */
const chooses = (id: string, onChoose: (id: string) => void) => ({
  tabindex: 0,
  role: 'button',
  onClick: () => onChoose(id),
  onKeyDown: (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    onChoose(id);
  },
});

const short = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

function nodeView(
  node: GraphNode,
  places: ReadonlyMap<string, Placed>,
  chosen: string,
  onChoose: (id: string) => void,
): Child {
  const place = places.get(node.id);
  if (place === undefined) return null;
  const called = healthOf(node.inbound);
  const golden = called === 'idle' ? node.outbound : node.inbound;
  const health = node.health ?? (called === 'idle' ? healthOf(node.outbound) : called);
  const told = `${percent(golden.success)} · ${rateText(golden)}/s · ${milliseconds(golden.p95)}`;
  const label = `${node.kind === 'namespace' ? `namespace ${node.name}` : `${node.name}${node.namespace === '' ? '' : ` in ${node.namespace}`}`}: success ${percent(golden.success)}, ${rateText(golden)} a second, p95 ${milliseconds(golden.p95)}`;
  return h(
    'g',
    {
      key: node.id,
      class: `node ${health} ${node.kind}${chosen === node.id ? ' chosen' : ''}`,
      transform: `translate(${place.x} ${place.y})`,
      'aria-label': label,
      ...chooses(node.id, onChoose),
    },
    h('title', null, label),
    h('rect', { width: NODE_WIDTH, height: NODE_HEIGHT, rx: 9 }),
    h(
      'text',
      { class: 'name', x: 12, y: 22 },
      `${health === 'bad' ? '✖ ' : ''}${node.kind === 'namespace' ? '▣ ' : ''}${short(node.name, 20)}`,
    ),
    h('text', { class: 'told', x: 12, y: 43 }, told),
  );
}

function edgeView(
  edge: GraphEdge,
  { places, passes, upright }: Layout,
  chosen: string,
  onChoose: (id: string) => void,
): Child {
  const [from, to] = [places.get(edge.from), places.get(edge.to)];
  if (from === undefined || to === undefined) return null;
  const health = edgeHealth(edge);
  const label = `${edge.from} calls ${edge.to}: success ${percent(edge.golden.success)}, ${rateText(edge.golden)} a second, p95 ${milliseconds(edge.golden.p95)}, ${edge.security === 'mutual_tls' ? 'mutual TLS' : 'not all by mutual TLS'}`;
  const line = curve(from, to, upright, passes.get(passKey(edge)));
  return h(
    'g',
    {
      key: edge.id,
      class: `edge ${health}${edge.security === 'mutual_tls' ? '' : ' open'}${chosen === edge.id ? ' chosen' : ''}`,
      'aria-label': label,
      ...chooses(edge.id, onChoose),
    },
    h('title', null, label),
    h('path', { class: 'hit', d: line }),
    h('path', {
      class: 'line',
      d: line,
      'stroke-width': Math.min(6, 1.2 + Math.log10(1 + edge.golden.rate)),
      'marker-end': `url(#arrow-${health})`,
    }),
  );
}
