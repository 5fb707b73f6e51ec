/**
 * Edges that streams gave numbers to. A stream has few; together they are bounded in octets, and when there are too many the stream that
 * describes most gives way: its agent opens another and describes what it still needs.
 */
import { ENTRY_OCTETS, octetsOf } from '@weft/core/kernel';
import type { Edge } from '@weft/core/traffic';

export interface StreamEdges {
  get(id: number): Edge | undefined;
  /** The stream may have to give way by it. */
  set(id: number, edge: Edge): void;
  /** Numbers that are given. */
  readonly size: number;
  /** It is over. Idempotent. */
  close(): void;
}

interface Stream {
  readonly edges: Map<number, Edge>;
  octets: number;
  readonly giveWay: () => void;
}

export class DescribedEdges {
  readonly #room: number;
  readonly #streams = new Set<Stream>();
  #octets = 0;
  #gaveWay = 0;

  /** `room`: octets of all streams; default 64 MiB, about 40,000 descriptions. */
  constructor(room = 64 * 1024 * 1024) {
    this.#room = room;
  }

  get octets(): number {
    return this.#octets;
  }

  get room(): number {
    return this.#room;
  }

  /** Streams that gave way. */
  get gaveWay(): number {
    return this.#gaveWay;
  }

  /** `giveWay`: must close it. */
  open(giveWay: () => void): StreamEdges {
    const stream: Stream = { edges: new Map(), octets: 0, giveWay };
    this.#streams.add(stream);
    return {
      get: (id) => stream.edges.get(id),
      set: (id, edge) => this.#set(stream, id, edge),
      get size() {
        return stream.edges.size;
      },
      close: () => this.#close(stream),
    };
  }

  #set(stream: Stream, id: number, edge: Edge): void {
    if (!this.#streams.has(stream)) return;
    const before = stream.edges.get(id);
    const more = taken(edge) - (before === undefined ? 0 : taken(before));
    stream.edges.set(id, edge);
    stream.octets += more;
    this.#octets += more;
    while (this.#octets > this.#room) {
      const most = [...this.#streams].reduce((a, b) => (b.octets > a.octets ? b : a));
      this.#gaveWay += 1;
      this.#close(most);
      most.giveWay();
    }
  }

  #close(stream: Stream): void {
    if (!this.#streams.delete(stream)) return;
    this.#octets -= stream.octets;
    stream.edges.clear();
  }
}

const taken = (edge: Edge): number => ENTRY_OCTETS + octetsOf(edge);
