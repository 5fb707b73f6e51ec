/**
 * Requests by what they have in common: who called whom, at which port, with which method, host and kind of path, over what, and what became of
 * them. Paths and hosts are callers' texts: segments that look like identifiers count as one, and an edge has few shapes, then one for the rest.
 */
import type { SeenShape } from '@weft/core/documents';
import { ENTRY_OCTETS, octetsOf, textOctets, type WallClock } from '@weft/core/kernel';
import { givenName } from '@weft/core/traffic';
import { type KeptRequest, outcomeOf } from './kept-request.ts';

/** What shapes of one edge have in common. */
type EdgeOf = Pick<
  SeenShape,
  'workload' | 'identity' | 'direction' | 'peer' | 'peerIdentity' | 'kind' | 'secured' | 'addressed' | 'outcome'
>;

interface Told extends Omit<SeenShape, 'count' | 'samples' | 'lastSeen' | 'example'> {
  lastSeen: number;
  example: SeenShape['example'];
}

interface Held {
  readonly told: Told;
  /** The key of its edge. */
  readonly edge: string;
  /** Slot, what was counted in it, and from how many, and so on, the oldest first. */
  slots: number[];
  /** Of all of it but its slots and example, and of these as it stands. */
  readonly fixed: number;
  octets: number;
}

/** ms of a slot, and how many are remembered: a day. */
const SLOT = 600_000;
const SLOTS = 144;
/** Shapes of one edge. */
const OF_EDGE = 64;
/** Numbers of a slot, and octets that each takes at most. */
const NUMBERS = 3;
const NUMBER_OCTETS = 16;
/** Octets of a shape's own words and of its empty list. */
const SHAPE = 256;

export class SeenShapes {
  readonly #wall: WallClock;
  readonly #maxShapes: number;
  readonly #room: number;
  readonly #shapes = new Map<string, Held>();
  readonly #ofEdge = new Map<string, number>();
  #forgotten = 0;
  #octets = 0;

  /** `room`: octets that it takes at most. */
  constructor({
    wall,
    maxShapes,
    room,
  }: { readonly wall: WallClock; readonly maxShapes: number; readonly room: number }) {
    this.#wall = wall;
    this.#maxShapes = maxShapes;
    this.#room = room;
  }

  get room(): number {
    return this.#room;
  }

  get octets(): number {
    return this.#octets;
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
    const held = this.#shape(edge, base, own, now);
    held.told.lastSeen = now;
    held.told.example = { path, requestId, status, route };
    count(held, Math.floor(now / SLOT), record.weight);
    this.#octets -= held.octets;
    held.octets = held.fixed + octetsOf(held.told.example) + NUMBER_OCTETS * held.slots.length;
    this.#octets += held.octets;
    while (this.#octets > this.#room && this.#shapes.size > 0) this.#forget();
  }

  list(windowMs: number): SeenShape[] {
    const from = Math.floor((this.#wall.now() - windowMs) / SLOT);
    return [...this.#shapes.values()].flatMap(({ slots, told }): SeenShape[] => {
      let counted = 0;
      let samples = 0;
      for (let at = 0; at < slots.length; at += NUMBERS)
        if ((slots[at] ?? 0) >= from) {
          counted += slots[at + 1] ?? 0;
          samples += slots[at + 2] ?? 0;
        }
      return samples === 0 ? [] : [{ ...told, count: counted, samples }];
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
    const told = { ...base, ...wanted, firstSeen: now, lastSeen: now, example };
    // The key of the edge counts for each of its shapes.
    const fixed = octetsOf(told) + textOctets(wantedKey) + textOctets(edge) + SHAPE + 2 * ENTRY_OCTETS;
    const made: Held = { told, edge, slots: [], fixed, octets: 0 };
    this.#shapes.set(wantedKey, made);
    this.#ofEdge.set(edge, (this.#ofEdge.get(edge) ?? 0) + 1);
    return made;
  }

  #forget(): void {
    const [first] = this.#shapes;
    if (first === undefined) return;
    const [key, { edge, octets }] = first;
    this.#shapes.delete(key);
    this.#octets -= octets;
    this.#forgotten += 1;
    const left = (this.#ofEdge.get(edge) ?? 1) - 1;
    if (left === 0) this.#ofEdge.delete(edge);
    else this.#ofEdge.set(edge, left);
  }
}

function count(held: Held, slot: number, weight: number): void {
  const { slots } = held;
  const last = slots.length - NUMBERS;
  if (slots[last] !== slot) {
    slots.push(slot, weight, 1);
    const old = slots.findIndex((each, at) => at % NUMBERS === 0 && each > slot - SLOTS);
    if (old > 0) held.slots = slots.slice(old);
    return;
  }
  slots[last + 1] = (slots[last + 1] ?? 0) + weight;
  slots[last + 2] = (slots[last + 2] ?? 0) + 1;
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
