/** Bodies of any length that both ends can make and check without keeping them. */
import { createHash, type Hash } from 'node:crypto';
import type { Writable } from 'node:stream';

const PIECE = Buffer.from(Array.from({ length: 65_536 + 251 }, (_, index) => (index * 7 + (index >> 8)) & 255));
const STEP = 65_536;

/** The octets [from, from + length) of the body that all share. */
const piece = (from: number, length: number): Buffer => {
  const start = from % 251;
  return PIECE.subarray(start, start + length);
};

/** What stands around a body, as gRPC's message has it. */
export interface Around {
  readonly before?: Uint8Array;
  readonly after?: Uint8Array;
}

export function hashOfSize(size: number, { before, after }: Around = {}): string {
  const hash = createHash('sha256');
  if (before !== undefined) hash.update(before);
  for (let at = 0; at < size; at += STEP) hash.update(piece(at, Math.min(STEP, size - at)));
  if (after !== undefined) hash.update(after);
  return hash.digest('hex');
}

/** Before a gRPC message of so many octets, uncompressed. */
export function messageHead(size: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(size, 1);
  return head;
}

/** Trailers in gRPC-Web's body. */
export function webTrailers(fields: string): Buffer {
  const head = messageHead(fields.length);
  head[0] = 0x80;
  return Buffer.concat([head, Buffer.from(fields)]);
}

/** Writes a body of `size`, waiting whenever the stream says so; `pause` ms between pieces of `step`. Ends when the stream breaks. Does not end it. */
export async function writeSize(to: Writable, size: number, step = STEP, pause = 0): Promise<void> {
  for (let at = 0; at < size && !to.destroyed; at += step) {
    if (!to.write(piece(at, Math.min(step, size - at)))) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          to.off('drain', done);
          to.off('close', done);
          resolve();
        };
        to.on('drain', done);
        to.on('close', done);
        if (to.destroyed) done();
      });
    }
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

/** Counts and hashes what is fed to it. */
export class Digest {
  length = 0;
  readonly #hash: Hash = createHash('sha256');

  feed(chunk: Buffer): void {
    this.length += chunk.length;
    this.#hash.update(chunk);
  }
  get hex(): string {
    return this.#hash.copy().digest('hex');
  }
}
