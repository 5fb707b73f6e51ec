/**
 * One stream (RFC 9113, 5): its state, its windows and the data that waits for room. It writes frames into the connection's output and
 * tells its owner what came; it never outlives its connection.
 */
import { copyOf } from '../hpack/index.ts';
import { CANCEL, NO_ERROR } from './errors.ts';
import type { ConnectionOutput } from './connection-output.ts';
import type { MessageHead } from './message-head.ts';

/** Who a stream works for. The calls come while octets are read; those of a reset also while the connection ends. */
export interface StreamOwner {
  /** Filled before `headArrived`. */
  readonly messageHead: MessageHead;
  /** A request, or an answer; interim ones too. `ended`: nothing follows. */
  headArrived(stream: Http2Stream, ended: boolean): void;
  /** Octets are valid during the call, unless the connection was given them for good. Give them back with `stream.consumed`. */
  dataArrived(stream: Http2Stream, bytes: Uint8Array, start: number, end: number): void;
  /** The peer's side is complete; trailers, if there are any, are in `messageHead.trailers`. */
  endArrived(stream: Http2Stream, trailers: boolean): void;
  /** It is gone: by the peer, by a fault of the peer's (`remote` false), or with the connection. */
  wasReset(stream: Http2Stream, error: number, remote: boolean): void;
  /** All that waited is written: there is room for more. */
  hasRoom(stream: Http2Stream): void;
}

/** Of streams that never waited; never written to. */
const NOTHING: Uint8Array[] = [];

export class Http2Stream {
  readonly id: number;
  readonly connection: ConnectionOutput;
  owner: StreamOwner;
  /** The peer has ended its side. */
  remoteEnded = false;
  /** We have ended ours, perhaps with data still waiting. */
  localEnded = false;
  closed = false;
  /** The peer's final head has come. */
  headSeen = false;
  /** An answer without content whatever its length says (to HEAD; 204, 304). */
  noContent = false;
  /** CONNECT: once it is granted, the streams' data is a tunnel's and no message (RFC 9113, 8.5). */
  tunnel = false;
  /** Octets of DATA still expected by Content-Length, -1: not said. */
  expected = -1;
  sendWindow: number;
  receiveWindow: number;
  /** Octets received that the owner still holds. */
  held = 0;
  #credit = 0;
  #waiting: Uint8Array[] = NOTHING;
  #endSent = false;
  #trailers: (() => void) | undefined;

  constructor(id: number, connection: ConnectionOutput, owner: StreamOwner, sendWindow: number, receiveWindow: number) {
    this.id = id;
    this.connection = connection;
    this.owner = owner;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }

  /** Whether data waits for room in a window. */
  get isBlocked(): boolean {
    return this.#waiting.length > 0;
  }

  /** Sends data; what has no room is copied and waits. False: wait for `hasRoom` before sending more. */
  send(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.closed || end === start) return true;
    let at = start;
    if (this.#waiting.length === 0) at = this.connection.writeData(this, bytes, start, end);
    if (at < end) {
      if (this.#waiting === NOTHING) this.#waiting = [];
      this.#waiting.push(copyOf(bytes, at, end));
      this.connection.blocked.add(this);
      return false;
    }
    return !this.connection.congested || this.#waitForDrain();
  }

  #waitForDrain(): boolean {
    this.connection.blocked.add(this);
    return false;
  }

  /** Ends our side. */
  end(): void {
    if (this.closed || this.localEnded) return;
    this.localEnded = true;
    if (this.#waiting.length === 0) this.#finish();
  }

  /** Ends our side with trailers: `write` encodes their fields when all data has left. */
  endWithTrailers(write: () => void): void {
    if (this.closed || this.localEnded) return;
    this.localEnded = true;
    this.#trailers = write;
    if (this.#waiting.length === 0) this.#finish();
  }

  #finish(): void {
    this.#endSent = true;
    if (this.#trailers === undefined) this.connection.writeEnd(this);
    else {
      this.connection.beginBlock(this);
      this.#trailers();
      this.connection.endBlock(this, true);
    }
    this.connection.settle(this);
  }

  /** Whether END_STREAM has been written. */
  get endSent(): boolean {
    return this.#endSent;
  }

  /** A window opened or the socket drained: writes what waits. True: all of it is written. */
  flush(): boolean {
    while (this.#waiting.length > 0) {
      const first = this.#waiting[0] as Uint8Array;
      const at = this.connection.writeData(this, first, 0, first.length);
      if (at < first.length) {
        if (at > 0) this.#waiting[0] = first.subarray(at);
        return false;
      }
      this.#waiting.shift();
    }
    if (this.localEnded && !this.#endSent) this.#finish();
    return true;
  }

  /** The owner has passed `octets` on: the peer may send as many more. */
  consumed(octets: number): void {
    if (octets === 0 || this.closed) return;
    this.held -= octets;
    this.connection.credit(octets);
    if (this.remoteEnded) return;
    this.#credit += octets;
    if (this.#credit * 2 < this.connection.localWindow) return;
    this.receiveWindow += this.#credit;
    this.connection.writeStreamCredit(this.id, this.#credit);
    this.#credit = 0;
  }

  /** Ends it at once, telling the peer. The owner is not told. */
  reset(error: number = CANCEL): void {
    if (this.closed) return;
    this.connection.resetStream(this, error);
  }

  /** Our answer is complete and the rest of the request is not wanted (RFC 9113, 8.1). */
  stopReading(): void {
    if (!this.closed) this.connection.resetStream(this, NO_ERROR);
  }
}

/** The owner before one is given. */
export const NOBODY: StreamOwner = {
  get messageHead(): never {
    throw new Error('a stream without owner has no head');
  },
  headArrived() {},
  dataArrived() {},
  endArrived() {},
  wasReset() {},
  hasRoom() {},
};
