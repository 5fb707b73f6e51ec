/**
 * Reading into one buffer that all plaintext connections of the loop share (`onread`): no memory is allocated per read and no stream
 * machinery runs, which is a tenth of the CPU time of a small request. A connection that fills that buffer again and again gets a larger one
 * of its own, whose slices its receiver may keep: large bodies pass without a copy and in few reads. A buffer that somebody held is read into again
 * when it is held no more: left to the collector, each would bring full collections nearer. Must be given to a socket when it is made.
 */
import { Buffer } from 'node:buffer';
import type { OnReadOpts, Socket } from 'node:net';
import type { OctetHolder, SharedReads } from '../ports.ts';

/** What Node reads at most at once without a buffer of ours. */
const SHARED_OCTETS = 64 * 1024;
const shared = Buffer.allocUnsafeSlow(SHARED_OCTETS);

const OWN_OCTETS = 256 * 1024;
/** Buffers of their own that connections may have at once; others go on with the shared one. */
const MAX_OWN = 128;
/** Full reads one after the other that earn an own buffer. */
const FULL_READS = 2;
/** Reads below it give the own buffer back. */
const SMALL_READ = 32 * 1024;

interface Held {
  readonly buffer: Buffer;
  readonly holder: OctetHolder;
}

const free: Buffer[] = [];
const MAX_FREE = 8;
let owned = 0;
/** Given back, and held when they were; the oldest first. What is pushed out belongs to its holder alone. */
const held: Held[] = [];
const MAX_HELD = 16;

/** What is held no more is free. To be called before a read is written on: a reader that was paused goes on when its holder's queue is empty, and fills it. */
function sweep(): void {
  for (let at = held.length - 1; at >= 0; at -= 1) {
    const { buffer, holder } = held[at] as Held;
    if (holder.holdsBytes) continue;
    held.splice(at, 1);
    give(buffer, undefined);
  }
}

function give(buffer: Buffer, holder: OctetHolder | undefined): void {
  if (holder === undefined || !holder.holdsBytes) {
    if (free.length < MAX_FREE) free.push(buffer);
    return;
  }
  if (held.length === MAX_HELD) held.shift();
  held.push({ buffer, holder });
}

/** Nobody receives yet. */
export const sharedReads = (): SharedReads => ({ receiver: undefined, keeps: false, owned: false, holder: undefined });

/** The `onread` option of a socket that is about to be made; `socket` gives it afterwards. `release` when it is closed. */
export function readInto(reads: SharedReads, socket: () => Socket): OnReadOpts & { release(): void } {
  let own: Buffer | undefined;
  let full = 0;
  let wanted = false;
  const giveBack = (): void => {
    if (own === undefined) return;
    give(own, reads.holder);
    own = undefined;
    owned -= 1;
  };
  const release = (): void => {
    giveBack();
    if (owned === 0 && held.length > 0) held.length = 0;
  };
  return {
    release,
    buffer() {
      if (!wanted) release();
      else if (reads.holder?.holdsBytes === true) giveBack();
      reads.holder = undefined;
      if (!wanted || owned >= MAX_OWN) return shared;
      if (own === undefined) {
        own = free.pop() ?? Buffer.allocUnsafeSlow(OWN_OCTETS);
        owned += 1;
      }
      return own;
    },
    callback(length, bytes) {
      if (held.length > 0) sweep();
      const { receiver } = reads;
      if (receiver === undefined) {
        wanted = false;
        return socket().push(Buffer.from(bytes.subarray(0, length)));
      }
      full = length === bytes.length ? full + 1 : 0;
      reads.owned = own !== undefined && bytes === own;
      wanted = reads.keeps && (reads.owned ? length >= SMALL_READ : full >= FULL_READS);
      receiver.received(bytes, length);
      return true;
    },
  };
}
