/**
 * Writes of a turn leave together: the sockets that were written to while the loop read what had arrived are flushed when it has. Each write then
 * finds its reader awake already, instead of waking it up once more, which is what a small write costs most.
 */
import type { Socket } from 'node:net';

let sockets: Socket[] = [];
let scheduled = false;

/** What is written to it from now on leaves at the end of the turn, in one piece. */
export function holdForTurn(socket: Socket): void {
  if (socket.writableCorked > 0) return;
  socket.cork();
  sockets.push(socket);
  if (scheduled) return;
  scheduled = true;
  setImmediate(flush);
}

/** What was held leaves now: large pieces gain nothing by waiting, and their memory is free once they are gone. */
export function letGo(socket: Socket): void {
  while (socket.writableCorked > 0) socket.uncork();
}

function flush(): void {
  scheduled = false;
  const held = sockets;
  sockets = [];
  for (const socket of held) socket.uncork();
}
