/** The lines of the graph: as paths, and all at once on a canvas where there are many. */
import { type ComponentChildren as Child, h } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { edgeHealth, type GraphEdge, type Health } from '../model.ts';
import { type Layout, NODE_HEIGHT, NODE_WIDTH, type Placed } from './layout.ts';

/** Where the graph lies in its frame. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

/** A cubic curve: start, two handles, end. */
type Curve = readonly [Placed, Placed, Placed, Placed];

/** From the right side of the caller to the left of the called one; upright from its bottom to the top. */
function points(from: Placed, to: Placed, upright: boolean): Curve {
  if (upright) {
    const start = { x: from.x + NODE_WIDTH / 2, y: from.y + NODE_HEIGHT };
    const end = { x: to.x + NODE_WIDTH / 2, y: to.y };
    const bend = end.y > start.y ? Math.max(24, (end.y - start.y) / 2) : 60;
    return [start, { x: start.x, y: start.y + bend }, { x: end.x, y: end.y - bend }, end];
  }
  const start = { x: from.x + NODE_WIDTH, y: from.y + NODE_HEIGHT / 2 };
  const end = { x: to.x, y: to.y + NODE_HEIGHT / 2 };
  const bend = end.x > start.x ? Math.max(36, (end.x - start.x) / 2) : 80;
  return [start, { x: start.x + bend, y: start.y }, { x: end.x - bend, y: end.y }, end];
}

/** For a path element; `by`: where it passes between nodes of the columns that it leads over. */
export function curve(from: Placed, to: Placed, upright: boolean, by: readonly Placed[] = []): string {
  if (from === to)
    return `M${from.x + NODE_WIDTH} ${from.y + NODE_HEIGHT / 2}c40 -50 -${NODE_WIDTH + 40} -70 -${NODE_WIDTH / 2} -${NODE_HEIGHT / 2 - 2}`;
  if (by.length > 0) return passing([from, ...by, to], upright);
  const [start, first, second, end] = points(from, to, upright);
  return `M${start.x} ${start.y}C${first.x} ${first.y} ${second.x} ${second.y} ${end.x} ${end.y}`;
}

/** From node to node, straight through each point between. */
function passing(stops: readonly Placed[], upright: boolean): string {
  const last = stops.length - 1;
  const middle = ({ x, y }: Placed, index: number): Placed =>
    index === 0 || index === last
      ? { x: upright ? x + NODE_WIDTH / 2 : x, y: upright ? y : y + NODE_HEIGHT / 2 }
      : { x, y };
  let path = '';
  for (const [index, stop] of stops.entries()) {
    const { x, y } = middle(stop, index);
    const out = upright ? { x, y: y + NODE_HEIGHT } : { x: x + NODE_WIDTH, y };
    const next = stops[index + 1];
    if (index === 0) path += `M${out.x} ${out.y}`;
    else if (index < last) path += `L${out.x} ${out.y}`;
    if (next === undefined) break;
    const end = middle(next, index + 1);
    const bend = upright ? (end.y - out.y) / 2 : (end.x - out.x) / 2;
    path += upright
      ? `C${out.x} ${out.y + bend} ${end.x} ${end.y - bend} ${end.x} ${end.y}`
      : `C${out.x + bend} ${out.y} ${end.x - bend} ${end.y} ${end.x} ${end.y}`;
  }
  return path;
}

export interface EdgeCanvasOptions {
  readonly edges: readonly GraphEdge[];
  readonly layout: Layout;
  readonly view: Box;
  /** Of a chosen node all edges stand out. */
  readonly chosen: string;
}

/** What fails is drawn last, over the rest. */
const ORDER: readonly Health[] = ['idle', 'good', 'poor', 'bad'];

export function EdgeCanvas({ edges, layout: { places, upright }, view, chosen }: EdgeCanvasOptions): Child {
  const place = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = place.current;
    const context = canvas?.getContext('2d');
    if (canvas === null || context === null || context === undefined) return;
    const [width, height] = [canvas.clientWidth * devicePixelRatio, canvas.clientHeight * devicePixelRatio];
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const scale = view.scale * devicePixelRatio;
    context.setTransform(scale, 0, 0, scale, view.x * devicePixelRatio, view.y * devicePixelRatio);
    context.lineWidth = Math.max(1.2, 0.8 / view.scale);
    // One path of one colour: thousands of curves in a few milliseconds.
    const stroke = (colour: string, some: readonly GraphEdge[]): void => {
      if (some.length === 0) return;
      canvas.style.color = `var(--${colour})`;
      context.strokeStyle = getComputedStyle(canvas).color;
      context.globalAlpha = colour === 'good' || colour === 'idle' ? 0.35 : 1;
      context.beginPath();
      for (const { from, to } of some) {
        const [a, b] = [places.get(from), places.get(to)];
        if (a === undefined || b === undefined) continue;
        const [start, first, second, end] = points(a, b, upright);
        context.moveTo(start.x, start.y);
        context.bezierCurveTo(first.x, first.y, second.x, second.y, end.x, end.y);
      }
      context.stroke();
    };
    for (const health of ORDER)
      stroke(
        health,
        edges.filter((edge) => edgeHealth(edge) === health),
      );
    if (chosen !== '')
      stroke(
        'link',
        edges.filter(({ id, from, to }) => [id, from, to].includes(chosen)),
      );
  }, [edges, places, view, chosen]);
  return h('canvas', { ref: place, class: 'edges', 'aria-hidden': 'true' });
}
