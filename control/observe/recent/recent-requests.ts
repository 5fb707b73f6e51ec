/**
 * The newest requests that proxies told of: refusals and failures, and a sample of the rest. Bounded in octets; each identity has an equal part of
 * the room, and each workload of it of that, so that one that is flooded forgets its own and nobody else's, by whatever names it comes. Kinds of requests (seen-shapes.ts) have a room of their own.
 */
import type { Addressed, Keeping, SeenShape } from '@weft/core/documents';
import { ENTRY_OCTETS, textOctets, type WallClock } from '@weft/core/kernel';
import type { TapRecord } from '@weft/core/tap';
import { keptRecord, type KeptRequest, outcomeOf, sizeOf } from './kept-request.ts';
import { SeenShapes } from './seen-shapes.ts';

export interface RecentRequestsOptions {
  readonly wall: WallClock;
  /** What the request was addressed to. */
  readonly addressed: (workload: string, record: TapRecord) => Addressed | undefined;
  /** Octets that requests take at most, and those that their kinds take; default 16 MiB and 32 MiB. */
  readonly room?: number;
  readonly shapesRoom?: number;
  /** Shapes that are told apart at most; default 5000. */
  readonly maxShapes?: number;
}

/** Who tells: rings of an identity, by workload. */
interface Teller {
  readonly identity: string;
  readonly rings: Map<string, Ring>;
  octets: number;
}

interface Ring {
  readonly teller: Teller;
  /** Refusals and failures apart: what goes well must not push them out. */
  readonly telling: (KeptRequest | undefined)[];
  readonly others: (KeptRequest | undefined)[];
  /** Indices of the oldest. */
  tellingFrom: number;
  othersFrom: number;
  octets: number;
}

/** Of the room, for texts that are held once. */
const TEXTS_PART = 1 / 8;
/** Octets of a ring without what it holds. */
const RING = 512;

export class RecentRequests {
  readonly #options: RecentRequestsOptions;
  /** Of the rings, and of the texts. */
  readonly #room: number;
  readonly #textsRoom: number;
  readonly #rings = new Map<string, Ring>();
  readonly #tellers = new Map<string, Teller>();
  readonly #shapes: SeenShapes;
  readonly #since: number;
  #texts = new Map<string, string>();
  #textOctets = 0;
  #octets = 0;
  #told = 0;
  #missed = 0;

  constructor(options: RecentRequestsOptions) {
    this.#options = options;
    const { wall, room = 16 * 1024 * 1024, shapesRoom = 32 * 1024 * 1024, maxShapes = 5000 } = options;
    this.#textsRoom = room * TEXTS_PART;
    this.#room = room - this.#textsRoom;
    this.#shapes = new SeenShapes({ wall, maxShapes, room: shapesRoom });
    this.#since = wall.now();
  }

  /** What the proxy of `workload` (its key) told; `missed`: what it left out. */
  add(workload: string, identity: string, records: readonly TapRecord[], missed: number): void {
    this.#missed += missed;
    for (const given of records) {
      const record = keptRecord(given, (text) => this.#same(text));
      const kept: KeptRequest = {
        workload: this.#same(workload),
        record,
        addressed: this.#options.addressed(workload, record),
      };
      this.#told += record.weight;
      this.#shapes.add(kept, identity);
      this.#keep(kept, identity);
    }
  }

  /** Every side of it that was told, the caller's first. */
  find(requestId: string): KeptRequest[] {
    if (requestId === '') return [];
    const found: KeptRequest[] = [];
    for (const ring of this.#rings.values())
      for (const kept of held(ring)) if (kept.record.requestId === requestId) found.push(kept);
    return found.toSorted((a, b) => a.record.at - b.record.at || b.record.duration - a.record.duration);
  }

  /** Newest first, of requests that `wanted` chooses; at most `most`. */
  list(wanted: (kept: KeptRequest) => boolean, most: number): KeptRequest[] {
    const found: KeptRequest[] = [];
    for (const ring of this.#rings.values()) for (const kept of held(ring)) if (wanted(kept)) found.push(kept);
    return found.toSorted((a, b) => b.record.at - a.record.at).slice(0, most);
  }

  /** What was seen in the last `windowMs`, with counts that the sample stands for. */
  shapes(windowMs: number): readonly SeenShape[] {
    return this.#shapes.list(windowMs);
  }

  /** Octets that requests take at most, and their kinds. */
  get rooms(): { readonly requests: number; readonly shapes: number } {
    return { requests: this.#room + this.#textsRoom, shapes: this.#shapes.room };
  }

  get keeping(): Keeping {
    let requests = 0;
    let telling = 0;
    let oldest = 0;
    for (const ring of this.#rings.values()) {
      requests += ring.others.length - ring.othersFrom + ring.telling.length - ring.tellingFrom;
      telling += ring.telling.length - ring.tellingFrom;
      for (const first of [ring.telling[ring.tellingFrom], ring.others[ring.othersFrom]])
        if (first !== undefined && (oldest === 0 || first.record.at < oldest)) oldest = first.record.at;
    }
    return {
      since: this.#since,
      requests,
      telling,
      octets: this.#octets + this.#textOctets,
      oldest,
      told: this.#told,
      missed: this.#missed,
      shapesForgotten: this.#shapes.forgotten,
      shapesOctets: this.#shapes.octets,
    };
  }

  #keep(kept: KeptRequest, identity: string): void {
    const ring = this.#rings.get(kept.workload) ?? this.#ring(kept.workload, identity);
    (outcomeOf(kept.record) === 'answered' ? ring.others : ring.telling).push(kept);
    this.#grow(ring, sizeOf(kept));
    // Whoever takes more than its part gives way; so many as there are, one of them does.
    if (this.#octets <= this.#room) return;
    const part = this.#room / this.#tellers.size;
    if (ring.teller.octets > part) this.#giveWay(ring.teller, part, kept.workload);
    if (this.#octets > this.#room)
      for (const teller of this.#tellers.values()) if (teller.octets > part) this.#giveWay(teller, part);
  }

  #ring(workload: string, identity: string): Ring {
    const teller = this.#tellers.get(identity) ?? { identity, rings: new Map<string, Ring>(), octets: 0 };
    const made: Ring = { teller, telling: [], others: [], tellingFrom: 0, othersFrom: 0, octets: 0 };
    this.#rings.set(workload, made);
    teller.rings.set(workload, made);
    this.#tellers.set(identity, teller);
    this.#grow(made, 2 * RING + textOctets(workload) + textOctets(identity));
    return made;
  }

  #grow(ring: Ring, octets: number): void {
    ring.octets += octets;
    ring.teller.octets += octets;
    this.#octets += octets;
  }

  /** Until it has no more than `room`; `last`: the workload that told something last. */
  #giveWay(teller: Teller, room: number, last = ''): void {
    const { rings } = teller;
    const part = room / rings.size;
    const ring = rings.get(last);
    if (ring !== undefined && ring.octets > part) this.#forget(last, ring, part);
    if (teller.octets <= room) return;
    for (const [workload, other] of rings) if (other.octets > part) this.#forget(workload, other, part);
  }

  #forget(workload: string, ring: Ring, part: number): void {
    while (ring.octets > part) {
      const fewer = ring.others.length - ring.othersFrom > ring.telling.length - ring.tellingFrom;
      const gone = fewer ? ring.others[ring.othersFrom] : ring.telling[ring.tellingFrom];
      if (gone === undefined) break;
      if (fewer) {
        ring.others[ring.othersFrom] = undefined;
        ring.othersFrom += 1;
      } else {
        ring.telling[ring.tellingFrom] = undefined;
        ring.tellingFrom += 1;
      }
      this.#grow(ring, -sizeOf(gone));
    }
    if (ring.othersFrom > 256 && ring.othersFrom > ring.others.length / 2) {
      ring.others.splice(0, ring.othersFrom);
      ring.othersFrom = 0;
    }
    if (ring.tellingFrom > 256 && ring.tellingFrom > ring.telling.length / 2) {
      ring.telling.splice(0, ring.tellingFrom);
      ring.tellingFrom = 0;
    }
    if (ring.othersFrom === ring.others.length && ring.tellingFrom === ring.telling.length) {
      const { teller } = ring;
      this.#grow(ring, -ring.octets);
      this.#rings.delete(workload);
      teller.rings.delete(workload);
      if (teller.rings.size === 0) this.#tellers.delete(teller.identity);
    }
  }

  #same(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const octets = ENTRY_OCTETS + textOctets(text);
    // What is still held goes on; the next of its kind is held once more.
    if (this.#textOctets + octets > this.#textsRoom) {
      this.#texts = new Map();
      this.#textOctets = 0;
    }
    this.#texts.set(text, text);
    this.#textOctets += octets;
    return text;
  }
}

function* held({ telling, tellingFrom, others, othersFrom }: Ring): Generator<KeptRequest> {
  for (let index = tellingFrom; index < telling.length; index += 1) {
    const kept = telling[index];
    if (kept !== undefined) yield kept;
  }
  for (let index = othersFrom; index < others.length; index += 1) {
    const kept = others[index];
    if (kept !== undefined) yield kept;
  }
}
