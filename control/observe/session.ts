/**
 * The control plane's end of one Observe stream: who reports is settled by the lease, then counts are taken in, each once. What an agent says of
 * its own side is not asked: its row says who it is.
 */
import { edgeOf, type ObserveDown, type ObserveUp } from '@weft/core/agent-api';
import type { TapRecord, TapRequest } from '@weft/core/tap';
import { givenName, type Party } from '@weft/core/traffic';
import type { RefusalReason } from '../authority/index.ts';
import type { Result } from '@weft/core/kernel';
import type { DescribedEdges, StreamEdges } from './described-edges.ts';
import type { LiveTraffic } from './live-traffic.ts';
import type { TraceStore } from './trace-store.ts';

export interface ObserveWire {
  send(message: ObserveDown): void;
  refuse(reason: RefusalReason, detail: string): void;
}

/** Which agent holds a Workload, by the caller's certificate. */
export type Holder = (workload: string) => Result<{ readonly identity: string }, RefusalReason>;

/** What was taken of an agent last, so that a message that comes again counts once. By workload. */
export type Sequences = Map<string, { readonly epoch: string; readonly sequence: number }>;

export interface SessionParts {
  readonly traffic: LiveTraffic;
  readonly traces: TraceStore;
  readonly described: DescribedEdges;
  readonly sequences: Sequences;
  readonly holder: Holder;
  /** ms between reports. */
  readonly interval: () => number;
  readonly opened: (session: ObserveSession) => void;
  readonly closed: (session: ObserveSession) => void;
}

export type TapListener = (records: readonly TapRecord[], missed: number) => void;

export class ObserveSession {
  readonly #parts: SessionParts;
  readonly #wire: ObserveWire;
  #edges: StreamEdges | undefined;
  readonly #taps = new Map<number, TapListener>();
  #lastTap = 0;
  #own: Party | undefined;
  #workload = '';
  #epoch = '';
  #over = false;

  constructor(parts: SessionParts, wire: ObserveWire) {
    this.#parts = parts;
    this.#wire = wire;
  }

  /** `namespace/name` of the Workload; '' before it said hello. */
  get workload(): string {
    return this.#workload;
  }

  /** SPIFFE ID of the workload; '' before it said hello. */
  get identity(): string {
    return this.#own?.identity ?? '';
  }

  receive(message: ObserveUp): void {
    if (this.#over) return;
    if ((message.type === 'hello') === (this.#own !== undefined)) {
      this.#refuse('message-malformed', `${message.type} out of turn`);
      return;
    }
    switch (message.type) {
      case 'hello':
        this.#hello(message);
        return;
      case 'counts':
        this.#counts(message);
        return;
      case 'spans':
        if (this.#own !== undefined) {
          const { namespace, workload, identity } = this.#own;
          this.#parts.traces.add(namespace, workload, message.spans, message.missed, identity);
        }
        return;
      case 'tapped':
        this.#taps.get(message.tap)?.(message.records, message.missed);
        return;
      default:
        message satisfies never;
    }
  }

  /** What came cannot be read. */
  malformed(detail: string): void {
    if (!this.#over) this.#refuse('message-malformed', detail);
  }

  /** Others need its room: its agent may come again. */
  giveWay(why: string): void {
    if (!this.#over) this.#refuse('rate-limited', `${this.#workload} ${why}`);
  }

  /** Shows exchanges of this workload until it is closed, or its agent is gone. */
  tap(request: TapRequest, listener: TapListener): { close(): void } {
    this.#lastTap += 1;
    const tap = this.#lastTap;
    this.#taps.set(tap, listener);
    this.#wire.send({ type: 'tap', tap, request });
    return {
      close: () => {
        if (this.#taps.delete(tap) && !this.#over) this.#wire.send({ type: 'untap', tap });
      },
    };
  }

  /** The peer is gone. Idempotent. */
  lost(): void {
    if (this.#over) return;
    this.#over = true;
    this.#taps.clear();
    this.#edges?.close();
    if (this.#own !== undefined) this.#parts.closed(this);
  }

  #hello({ namespace, name, app, version, epoch }: Extract<ObserveUp, { type: 'hello' }>): void {
    const workload = `${namespace}/${name}`;
    const holder = this.#parts.holder(workload);
    if (!holder.ok) {
      this.#refuse(holder.error, workload);
      return;
    }
    this.#edges = this.#parts.described.open(() => this.giveWay('describes the most of too many edges'));
    this.#own = { namespace, workload: givenName(name), app, version, identity: holder.value.identity };
    this.#workload = workload;
    this.#epoch = epoch;
    this.#wire.send({ type: 'welcome', interval: this.#parts.interval() });
    this.#parts.opened(this);
  }

  #counts({ sequence, edges, rows }: Extract<ObserveUp, { type: 'counts' }>): void {
    const own = this.#own;
    const described = this.#edges;
    if (own === undefined || described === undefined) return;
    for (const { id, edge } of edges) described.set(id, edgeOf(edge, own));
    // It gave way to the others: what it counts comes again, on another stream.
    if (this.#over) return;
    const known = rows.flatMap(({ id, ...counted }) => {
      const edge = described.get(id);
      return edge === undefined ? [] : [{ edge, ...counted }];
    });
    if (known.length < rows.length) {
      this.#refuse('message-malformed', `${this.#workload} counts an edge that it did not describe`);
      return;
    }
    const { sequences, traffic } = this.#parts;
    const last = sequences.get(this.#workload);
    if (last === undefined || last.epoch !== this.#epoch || sequence > last.sequence) {
      // Set anew, so that the one that was silent longest is first.
      sequences.delete(this.#workload);
      sequences.set(this.#workload, { epoch: this.#epoch, sequence });
      traffic.add(known);
    } else traffic.reportRefused();
    this.#wire.send({ type: 'taken', sequence });
  }

  #refuse(reason: RefusalReason, detail: string): void {
    this.#parts.traffic.reportRefused();
    this.#wire.refuse(reason, detail);
    this.lost();
  }
}
