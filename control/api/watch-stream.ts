/**
 * One watch: events as lines of JSON (meta.v1.WatchEvent) to one client, as fast as it reads. What it has not read yet waits as references
 * in a bounded queue; a client that falls further behind is told 410 and closed: it lists again. Never holds up the store or others.
 */
import type { Json } from './patch/merge-patch.ts';
import type { Status } from './status.ts';
import { gone } from './status.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchEvent {
  readonly type: EventType;
  /** Made when the event is sent. */
  object(): Json | Status;
}

/** What a watch writes to: a ServerResponse. */
export interface Sink {
  write(text: string): boolean;
  end(text?: string): void;
  destroy(): void;
  once(event: 'drain' | 'close', listener: () => void): void;
}

/** Events that may wait for a slow client. */
export const MAX_WAITING = 10_000;

export class WatchStream {
  readonly #sink: Sink;
  readonly #limit: number;
  readonly #onEnd: () => void;
  #queue: WatchEvent[] = [];
  #blocked = false;
  #ended = false;

  /** `onEnd` is called once, when nothing more will be sent. */
  constructor(sink: Sink, onEnd: () => void, limit = MAX_WAITING) {
    this.#sink = sink;
    this.#onEnd = onEnd;
    this.#limit = limit;
    sink.once('close', () => this.#finish());
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Events known at the start: they do not count against the bound. */
  begin(events: readonly WatchEvent[]): void {
    this.#queue.push(...events);
    this.#pump();
  }

  send(event: WatchEvent): void {
    if (this.#ended) return;
    if (this.#blocked && this.#queue.length >= this.#limit) {
      this.fail(gone('this watch has fallen too far behind: list again and watch from there'));
      return;
    }
    this.#queue.push(event);
    this.#pump();
  }

  /** Ends with an ERROR event, ahead of what waits. */
  fail(status: Status): void {
    if (this.#ended) return;
    this.#queue = [];
    this.#sink.end(line({ type: 'ERROR', object: () => status }));
    this.#finish();
  }

  /** Ends after what waits could be sent at once; the client may resume from the last event it got. */
  end(): void {
    if (this.#ended) return;
    this.#sink.end();
    this.#finish();
  }

  #pump(): void {
    if (this.#blocked || this.#ended) return;
    let sent = 0;
    for (const event of this.#queue) {
      sent += 1;
      if (!this.#sink.write(line(event))) {
        this.#blocked = true;
        this.#sink.once('drain', () => {
          this.#blocked = false;
          this.#pump();
        });
        break;
      }
    }
    this.#queue.splice(0, sent);
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue = [];
    this.#onEnd();
  }
}

const line = ({ type, object }: WatchEvent): string => `${JSON.stringify({ type, object: object() })}\n`;
