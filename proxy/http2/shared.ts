/** What all HTTP/2 connections of an engine share: scratch memory for heads, and the turn in which their output leaves. */
import { SlabPool } from '@weft/wire/hpack';
import { DecodeScratch, HeadMemory, type Http2Memory } from '@weft/wire/http2';
import { allocateSlab, latin1Text } from '../http/octets.ts';
import type { EngineClock } from '../ports.ts';
import { whenTurnEnds } from '../time/turn-end.ts';

/** Somebody who writes once a turn of the event loop, however many streams had something to say. */
export interface Writer {
  writeNow(): void;
}

export class Http2Shared {
  readonly memory: Http2Memory;
  #writers: Writer[] = [];
  #scheduled = false;

  readonly clock: EngineClock;

  constructor(clock: EngineClock) {
    this.clock = clock;
    this.memory = {
      scratch: new DecodeScratch(),
      heads: new HeadMemory(allocateSlab),
      clock,
      decode: latin1Text,
      slabs: new SlabPool(allocateSlab),
    };
  }

  /** Calls `writer.writeNow` when the turn ends (time/turn-end.ts). */
  writeLater(writer: Writer): void {
    this.#writers.push(writer);
    if (this.#scheduled) return;
    this.#scheduled = true;
    whenTurnEnds(this.#run);
  }

  readonly #run = (): void => {
    this.#scheduled = false;
    const writers = this.#writers;
    this.#writers = [];
    for (const writer of writers) writer.writeNow();
  };
}
