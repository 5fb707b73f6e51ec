/**
 * Reads the messages of one direction of a gRPC stream out of its data, however that is cut into slices. It holds one message at most, and
 * none that is longer than its limit. Compressed messages are refused: nothing here offers grpc-accept-encoding.
 */
import { PREFIX_LENGTH } from './message.ts';

export type MessageFault = 'too-long' | 'compressed';

const NOTHING = new Uint8Array(0);

export class MessageReader {
  readonly #limit: number;
  readonly #prefix = new Uint8Array(PREFIX_LENGTH);
  #prefixLength = 0;
  #message: Uint8Array = NOTHING;
  #have = 0;
  /** Set once; nothing is read any more. */
  fault: MessageFault | undefined;

  /** `limit`: octets of the longest message that is taken. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Hands over the messages that are complete with these octets; they are the receiver's. False: `fault`. */
  read(bytes: Uint8Array, start: number, end: number, take: (message: Uint8Array) => void): boolean {
    let at = start;
    while (at < end && this.fault === undefined) {
      if (this.#prefixLength < PREFIX_LENGTH) {
        this.#prefix[this.#prefixLength] = bytes[at] as number;
        this.#prefixLength += 1;
        at += 1;
        if (this.#prefixLength === PREFIX_LENGTH) this.#begin(take);
        continue;
      }
      const length = Math.min(end - at, this.#message.length - this.#have);
      this.#message.set(bytes.subarray(at, at + length), this.#have);
      this.#have += length;
      at += length;
      if (this.#have === this.#message.length) this.#finish(take);
    }
    return this.fault === undefined;
  }

  /** The data may end here. */
  get complete(): boolean {
    return this.#prefixLength === 0 && this.fault === undefined;
  }

  #begin(take: (message: Uint8Array) => void): void {
    if (this.#prefix[0] !== 0) {
      this.fault = 'compressed';
      return;
    }
    const length = new DataView(this.#prefix.buffer).getUint32(1);
    if (length > this.#limit) {
      this.fault = 'too-long';
      return;
    }
    this.#message = new Uint8Array(length);
    this.#have = 0;
    if (length === 0) this.#finish(take);
  }

  #finish(take: (message: Uint8Array) => void): void {
    const message = this.#message;
    this.#message = NOTHING;
    this.#prefixLength = 0;
    take(message);
  }
}
