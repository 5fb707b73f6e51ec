/**
 * Requests by what they have in common: who called whom, at which port, with which method, host and kind of path, over what, and what became of
 * them. Paths and hosts are callers' texts: segments that look like identifiers count as one, and an edge has few shapes, then one for the rest.
 * Workloads that tell have equal parts of the room: whoever has more forgets its own.
 */
import type { SeenShape } from '@weft/core/documents';
import { ENTRY_OCTETS, type InLine, Line, octetsOf, textOctets, type WallClock } from '@weft/core/kernel';
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

/** Who told of them: a workload by its identity. */
interface Source {
  readonly identity: string;
  /** The one that was not seen longest first. */
  readonly line: Line<Held>;
  shapes: number;
  octets: number;
}

interface Held extends InLine<Held> {
  readonly key: string;
  readonly source: Source;
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
/** Octets of a shape's own words and of its empty list, and of a source. */
const SHAPE = 288;
const SOURCE = 512;

export class SeenShapes {
  readonly #wall: WallClock;
  readonly #maxShapes: number;
  readonly #room: number;
  readonly #shapes = new Map<string, Held>();
  readonly #sources = new Map<string, Source>();
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
    const { entered } = record;
    // Rules of Gateways ask who somebody is; addresses are too many to be told apart, and the newest stands for all.
    const edge = JSON.stringify(
      entered === undefined ? base : { ...base, as: [entered.certificate, entered.identity] },
    );
    const own = {
      method: record.method,
      authority: record.authority.toLowerCase(),
      pathClass: pathClassOf(record.path),
    };
    const { path, requestId, status, route } = record;
    const source = this.#sources.get(identity) ?? { identity, line: new Line<Held>(), shapes: 0, octets: 0 };
    const held = this.#shape(source, edge, base, own, now);
    held.told.lastSeen = now;
    held.told.example = { path, requestId, status, route, ...(entered === undefined ? {} : { entered }) };
    count(held, Math.floor(now / SLOT), record.weight);
    const octets = held.fixed + octetsOf(held.told.example) + NUMBER_OCTETS * held.slots.length;
    this.#grow(source, octets - held.octets);
    held.octets = octets;
    while (this.#octets > this.#room && this.#shapes.size > 0) this.#giveWay('octets', this.#room, source);
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

  #grow(source: Source, octets: number): void {
    source.octets += octets;
    this.#octets += octets;
  }

  #shape(
    source: Source,
    edge: string,
    base: EdgeOf,
    own: Pick<SeenShape, 'method' | 'authority' | 'pathClass'>,
    now: number,
  ): Held {
    const key = `${edge} ${JSON.stringify(own)}`;
    const known = this.#shapes.get(key);
    if (known !== undefined) return seenAgain(known);
    const ofEdge = this.#ofEdge.get(edge) ?? 0;
    const wanted = ofEdge < OF_EDGE ? own : { method: '', authority: '', pathClass: '…' };
    const wantedKey = wanted === own ? key : `${edge} ${JSON.stringify(wanted)}`;
    const rest = this.#shapes.get(wantedKey);
    if (rest !== undefined) return seenAgain(rest);
    if (this.#shapes.size >= this.#maxShapes) this.#giveWay('shapes', this.#maxShapes, source);
    const example = { path: '', requestId: '', status: 0, route: '' };
    const told = { ...base, ...wanted, firstSeen: now, lastSeen: now, example };
    // The key of the edge counts for each of its shapes.
    const fixed = octetsOf(told) + textOctets(wantedKey) + textOctets(edge) + SHAPE + 2 * ENTRY_OCTETS;
    const line = { before: undefined, after: undefined };
    const made: Held = { key: wantedKey, source, told, edge, slots: [], fixed, octets: 0, ...line };
    this.#shapes.set(wantedKey, made);
    source.line.push(made);
    source.shapes += 1;
    if (source.shapes === 1) {
      this.#sources.set(source.identity, source);
      this.#grow(source, SOURCE + textOctets(source.identity));
    }
    this.#ofEdge.set(edge, (this.#ofEdge.get(edge) ?? 0) + 1);
    return made;
  }

  /** One of whoever has more than its part. So many as there are, one of them has, or all have the same: then it is the last one's turn. */
  #giveWay(by: 'octets' | 'shapes', room: number, last: Source): void {
    const part = room / (this.#sources.size + (last.shapes === 0 ? 1 : 0));
    if (last[by] > part && last.line.first !== undefined) return this.#forget(last.line.first);
    let turn = last.line.first;
    for (const source of this.#sources.values()) {
      if (source.line.first === undefined) continue;
      turn ??= source.line.first;
      if (source[by] > part) return this.#forget(source.line.first);
    }
    if (turn !== undefined) this.#forget(turn);
  }

  #forget(held: Held): void {
    const { key, edge, octets, source } = held;
    this.#shapes.delete(key);
    source.line.remove(held);
    source.shapes -= 1;
    this.#grow(source, -octets);
    this.#forgotten += 1;
    const left = (this.#ofEdge.get(edge) ?? 1) - 1;
    if (left === 0) this.#ofEdge.delete(edge);
    else this.#ofEdge.set(edge, left);
    if (source.shapes > 0) return;
    this.#sources.delete(source.identity);
    this.#grow(source, -source.octets);
  }
}

function seenAgain(held: Held): Held {
  const { line } = held.source;
  line.remove(held);
  line.push(held);
  return held;
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
