/**
 * Cutting a connection so that the other side sees a reset (RST), also through TLS: a TLS socket has no reset of its own, the socket it was made
 * over has. `_parent` is Node's own link between the two; nothing else in the engine may use it but this file.
 */
import { Socket } from 'node:net';

export function underlying(socket: Socket): Socket | undefined {
  const parent: unknown = Reflect.get(socket, '_parent');
  return parent instanceof Socket ? parent : undefined;
}

/** Destroys `socket`; the peer gets a reset where the platform allows one. */
export function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  const parent = underlying(socket);
  if (parent !== undefined) parent.resetAndDestroy();
  else if (socket.remoteFamily !== undefined) socket.resetAndDestroy();
  socket.destroy();
}
