/**
 * Requests by what they have in common: who called whom, at which port, with which method, host and kind of path, over what, and what became of
 * them. Paths and hosts are callers' texts: segments that look like identifiers count as one, and an edge has few shapes, then one for the rest.
 */
import type { SeenShape } from '@weft/core/documents';
import type { WallClock } from '@weft/core/kernel';
import { givenName } from '@weft/core/traffic';
import { type KeptRequest, outcomeOf } from './kept-request.ts';

/** What shapes of one edge have in common. */
type EdgeOf = Pick<
  SeenShape,
  'workload' | 'identity' | 'direction' | 'peer' | 'peerIdentity' | 'kind' | 'secured' | 'addressed' | 'outcome'
>;

interface Held extends Omit<SeenShape, 'count' | 'samples' | 'lastSeen' | 'example'> {
  lastSeen: number;
  example: SeenShape['example'];
  /** By slot: what was counted, and from how many. */
  readonly slots: Map<number, { count: number; samples: number }>;
}

/** ms of a slot, and how many are remembered: a day. */
const SLOT = 600_000;
const SLOTS = 144;
/** Shapes of one edge. */
const OF_EDGE = 64;

export class SeenShapes {
  readonly #wall: WallClock;
  readonly #maxShapes: number;
  readonly #shapes = new Map<string, Held>();
  readonly #ofEdge = new Map<string, number>();
  #forgotten = 0;

  constructor({ wall, maxShapes }: { readonly wall: WallClock; readonly maxShapes: number }) {
    this.#wall = wall;
    this.#maxShapes = maxShapes;
  }

  /** Shapes that gave way to others before their day was over. */
  get forgotten(): number {
    return this.#forgotten;
  }

  add(kept: KeptRequest, identity: string): void {
    const now = this.#wall.now();
    const { record, addressed } = kept;
    const workload = givenName(kept.workload);
    const base: EdgeOf = {
      workload,
      identity,
      direction: record.direction,
      peer: record.identity === '' && record.direction === 'inbound' ? '' : record.peer,
      peerIdentity: record.identity,
      kind: record.kind,
      secured: record.secured,
      addressed: addressed ?? null,
      outcome: outcomeOf(record),
    };
    const edge = JSON.stringify(base);
    const own = {
      method: record.method,
      authority: record.authority.toLowerCase(),
      pathClass: pathClassOf(record.path),
    };
    const { path, requestId, status, route } = record;
    const shape = this.#shape(edge, base, own, now);
    shape.lastSeen = now;
    shape.example = { path, requestId, status, route };
    const slot = Math.floor(now / SLOT);
    const counted = shape.slots.get(slot);
    if (counted === undefined) {
      shape.slots.set(slot, { count: record.weight, samples: 1 });
      for (const old of shape.slots.keys()) if (old <= slot - SLOTS) shape.slots.delete(old);
    } else {
      counted.count += record.weight;
      counted.samples += 1;
    }
  }

  list(windowMs: number): SeenShape[] {
    const from = Math.floor((this.#wall.now() - windowMs) / SLOT);
    return [...this.#shapes.values()].flatMap(({ slots, ...shape }): SeenShape[] => {
      let count = 0;
      let samples = 0;
      for (const [slot, counted] of slots)
        if (slot >= from) {
          count += counted.count;
          samples += counted.samples;
        }
      return samples === 0 ? [] : [{ ...shape, count, samples }];
    });
  }

  #shape(edge: string, base: EdgeOf, own: Pick<SeenShape, 'method' | 'authority' | 'pathClass'>, now: number): Held {
    const key = `${edge} ${JSON.stringify(own)}`;
    const known = this.#shapes.get(key);
    if (known !== undefined) {
      // The one that was not seen longest is first.
      this.#shapes.delete(key);
      this.#shapes.set(key, known);
      return known;
    }
    const ofEdge = this.#ofEdge.get(edge) ?? 0;
    const wanted = ofEdge < OF_EDGE ? own : { method: '', authority: '', pathClass: '…' };
    const wantedKey = wanted === own ? key : `${edge} ${JSON.stringify(wanted)}`;
    const rest = this.#shapes.get(wantedKey);
    if (rest !== undefined) return rest;
    if (this.#shapes.size >= this.#maxShapes) this.#forget();
    const example = { path: '', requestId: '', status: 0, route: '' };
    const made: Held = { ...base, ...wanted, firstSeen: now, lastSeen: now, example, slots: new Map() };
    this.#shapes.set(wantedKey, made);
    this.#ofEdge.set(edge, (this.#ofEdge.get(edge) ?? 0) + 1);
    return made;
  }

  #forget(): void {
    const [first] = this.#shapes.keys();
    if (first === undefined) return;
    this.#shapes.delete(first);
    this.#forgotten += 1;
    const edge = first.slice(0, first.lastIndexOf(' {'));
    const left = (this.#ofEdge.get(edge) ?? 1) - 1;
    if (left === 0) this.#ofEdge.delete(edge);
    else this.#ofEdge.set(edge, left);
  }
}

/** Segments of a path, and characters of one, that count. */
const SEGMENTS = 8;
const SEGMENT = 40;

/** `/orders/4711?x=<redacted>` is `/orders/*`: a segment with a digit in it, or a long one, is somebody's identifier. */
export function pathClassOf(path: string): string {
  const mark = path.indexOf('?');
  const parts = (mark < 0 ? path : path.slice(0, mark)).split('/');
  const named = parts
    .slice(0, SEGMENTS + 1)
    .map((part) => (part.length > SEGMENT || (/\d/.test(part) && !/^v\d{1,2}$/.test(part)) ? '*' : part));
  return `${named.join('/')}${parts.length > SEGMENTS + 1 ? '/…' : ''}`;
}
