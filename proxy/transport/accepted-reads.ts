/**
 * Reads of accepted plaintext connections into one buffer that the loop shares. Node makes 64 kB of memory for each read and hands it to the
 * collector, which costs an eighth of a small request; `onread` avoids that, but Node takes it only where a socket is made by connecting.
 * Here an accepted socket is given what that option would have set, by Node's own keys, which only this file knows: on a Node that
 * has others, reads go their usual way. What arrives is copied, so that it may be kept; it comes by 'data' as always.
 */
import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';

/** What Node reads at most at once. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);
/** Short reads are copied into slabs; longer ones get memory of their own. */
const SHORT = 4096;
const SLAB = 64 * 1024;
let slab = Buffer.allocUnsafeSlow(SLAB);
let at = 0;

interface Keys {
  readonly buffer: symbol;
  readonly callback: symbol;
}

const keys: Keys | undefined = findKeys();

function findKeys(): Keys | undefined {
  const callback = (): boolean => true;
  const probe = new Socket({ onread: { buffer: shared, callback } });
  const symbols = Object.getOwnPropertySymbols(probe);
  const ofBuffer = symbols.find((key) => Reflect.get(probe, key) === shared);
  const ofCallback = symbols.find((key) => Reflect.get(probe, key) === callback);
  probe.destroy();
  return ofBuffer === undefined || ofCallback === undefined ? undefined : { buffer: ofBuffer, callback: ofCallback };
}

/** To be called before the first read; a socket that is none of Node's own plaintext ones, or has read already, stays as it is. */
export function readShared(socket: Socket): void {
  if (keys === undefined || socket.constructor !== Socket || socket.readableLength > 0 || socket.bytesRead > 0) return;
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle !== 'object' || handle === null) return;
  const use: unknown = Reflect.get(handle, 'useUserBuffer');
  if (typeof use !== 'function') return;
  Reflect.set(socket, keys.buffer, shared);
  Reflect.set(socket, keys.callback, (length: number) => arrived(socket, length));
  Reflect.apply(use, handle, [shared]);
}

/** False: no more, please. */
function arrived(socket: Socket, length: number): boolean {
  const bytes = kept(length);
  if (socket.readableFlowing !== true || socket.readableLength > 0 || socket.listenerCount('data') === 0)
    return socket.push(bytes);
  socket.emit('data', bytes);
  return true;
}

function kept(length: number): Buffer {
  if (length > SHORT) {
    const own = Buffer.allocUnsafeSlow(length);
    shared.copy(own, 0, 0, length);
    return own;
  }
  if (SLAB - at < length) {
    slab = Buffer.allocUnsafeSlow(SLAB);
    at = 0;
  }
  const start = at;
  at += length;
  shared.copy(slab, start, 0, length);
  return slab.subarray(start, at);
}
