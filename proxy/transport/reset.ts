/**
 * Cutting a connection so that the other side sees a reset (RST), also through TLS: a TLS socket has no reset of its own, the socket it was made
 * over has. `_parent` is Node's own link between the two; nothing else in the engine may use it but this file.
 */
import { Socket } from 'node:net';

export function underlying(socket: Socket): Socket | undefined {
  const parent: unknown = Reflect.get(socket, '_parent');
  return parent instanceof Socket ? parent : undefined;
}

/**
 * Destroys `socket`; the peer gets a reset where the platform allows one, whatever is still to be written. Through TLS the cut comes a turn
 * later: inside a handshake's event Node 24 does not survive the underlying socket going first (segmentation fault).
 */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  const parent = underlying(socket);
  if (parent !== undefined) {
    socket.pause();
    setImmediate(cut, parent);
  } else if (socket.remoteFamily === undefined) socket.destroy();
  else cut(socket);
}

/**
 * `resetAndDestroy` alone would wait until everything is written. While the end of the writing side is under way, libuv refuses to reset and
 * Node then never closes the descriptor; all is written by then, so that an end is no lie.
 */
function cut(socket: Socket): void {
  if (socket.destroyed) return;
  const ending = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (socket.remoteFamily !== undefined && !ending) socket.resetAndDestroy();
  socket.destroy();
}
