/** One message of an exchange, its request or its answer, on its way through the service: what waits of it, and what the service has seen. */
import { Buffer } from 'node:buffer';
import type { BodyProcessing } from '@weft/core/proxy-config';
import type { BodyChange, ProcessingPart } from '@weft/core/services';

const NOTHING = new Uint8Array(0);

/** Where the message goes on. */
export interface MessagePath {
  /** The head goes on; nothing of the body has before. */
  releaseHead(): void;
  send(bytes: Uint8Array): void;
  end(): void;
  /** A part of the body is to be shown. */
  show(body: Uint8Array, ends: boolean): void;
  /** The body has gone on; its trailers are to be shown. */
  showTrailers(): void;
}

export class ProcessedMessage {
  mode: BodyProcessing = 'none';
  /** The service has this part and has not answered. */
  asked: ProcessingPart | undefined;
  /** The head waits here. */
  headHeld = false;
  octets = 0;
  /** No more is taken before it was shown. */
  full = false;
  readonly #path: MessagePath;
  readonly #queue: Uint8Array[] = [];
  #shown: Uint8Array | undefined;
  #shownEnd = false;
  #ended = false;
  #endPassed = false;
  /** Trailers come behind the body, which therefore does not end the message. */
  #hasTrailers = false;
  #trailersToShow = false;
  /** The body is the service's; what comes of the message's own goes nowhere. */
  #replaced = false;

  constructor(path: MessagePath) {
    this.#path = path;
  }

  get buffers(): boolean {
    return this.mode === 'buffered' || this.mode === 'buffered-partial';
  }

  /** What comes goes on as it is. */
  get passes(): boolean {
    return this.mode === 'none' && !this.headHeld && !this.#replaced;
  }

  /** Octets of the body, which are kept. */
  take(bytes: Uint8Array): void {
    if (this.#replaced) return;
    // A Buffer's slice would be no copy.
    this.#queue.push(new Uint8Array(bytes));
    this.octets += bytes.length;
    this.pump();
  }

  /** The message is complete; `shown`: its trailers are. */
  over(hasTrailers: boolean, shown: boolean): void {
    this.#ended = true;
    this.#hasTrailers = hasTrailers;
    this.#trailersToShow = shown && !this.#replaced;
    if (!this.buffers) this.pump();
    else if (this.asked === undefined) this.showAll();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** The head was answered for, or is not shown. */
  headDone(): void {
    if (this.buffers) {
      if (this.#ended || this.full) this.showAll();
      return;
    }
    this.#release();
    if (this.mode === 'streamed') this.pump();
    else this.#passAll();
  }

  /** The whole body, or the beginning that is here. */
  showAll(): void {
    this.#shown = Buffer.concat(this.#queue.splice(0));
    this.#shownEnd = this.#ended;
    this.#path.show(this.#shown, this.#shownEnd && !this.#hasTrailers);
  }

  /** The service has answered for the trailers. */
  trailersDone(): void {
    this.#passEnd();
  }

  /** The body is `body` and nothing else. */
  replace(body: Uint8Array): void {
    this.#replaced = true;
    this.#trailersToShow = false;
    this.mode = 'none';
    this.#queue.length = 0;
    this.#release();
    if (body.length > 0) this.#path.send(body);
    if (this.#ended) this.#passEnd();
  }

  /** What was shown goes on as the service says. */
  answered(change: BodyChange): void {
    const shown = this.#shown ?? NOTHING;
    this.#shown = undefined;
    this.octets -= shown.length;
    if (this.mode !== 'streamed') {
      this.mode = 'none';
      this.#release();
    }
    const body = change.kind === 'set' ? change.body : shown;
    if (body.length > 0) this.#path.send(body);
    if (this.#shownEnd) this.#passEnd();
    else if (this.mode === 'streamed') this.pump();
    else this.#passAll();
  }

  /** No more of it is shown: everything that is here goes on as it came. */
  giveUp(): void {
    this.asked = undefined;
    this.mode = 'none';
    this.#trailersToShow = false;
    this.#release();
    if (this.#shown !== undefined && this.#shown.length > 0) this.#path.send(this.#shown);
    this.#shown = undefined;
    this.#passAll();
  }

  pump(): void {
    if (this.mode !== 'streamed') {
      if (this.passes) this.#passAll();
      else if (this.#replaced && this.#ended) this.#passEnd();
      return;
    }
    if (this.headHeld || this.asked !== undefined || this.#endPassed || this.#shownEnd) return;
    const next = this.#queue.shift();
    if (next === undefined && !this.#ended) return;
    if (next === undefined && this.#hasTrailers) {
      this.#passEnd();
      return;
    }
    this.#shown = next ?? NOTHING;
    this.#shownEnd = this.#ended && this.#queue.length === 0;
    this.#path.show(this.#shown, this.#shownEnd && !this.#hasTrailers);
  }

  #release(): void {
    if (!this.headHeld) return;
    this.headHeld = false;
    this.#path.releaseHead();
  }

  #passAll(): void {
    for (const slice of this.#queue.splice(0)) this.#path.send(slice);
    this.octets = 0;
    if (this.#ended) this.#passEnd();
  }

  #passEnd(): void {
    if (this.#endPassed) return;
    if (this.#trailersToShow) {
      this.#trailersToShow = false;
      this.#path.showTrailers();
      return;
    }
    this.#endPassed = true;
    this.#path.end();
  }
}
