/**
 * Writes of a turn leave together: what is written to a socket while the loop reads what had arrived leaves when it has. Each write then
 * finds its reader awake already, instead of waking it up once more, which is what a small write costs most. One piece is kept here; only a
 * second one in the same turn takes the way through the socket's own queue.
 */
import type { Socket } from 'node:net';
import { whenTurnEnds } from '../time/turn-end.ts';

const PIECE = Symbol('piece that waits for the end of the turn');
interface Holding extends Socket {
  [PIECE]?: Uint8Array | undefined;
}

/** Longer pieces go to the socket, which counts them. */
const LONGEST = 16_384;

let sockets: Holding[] = [];
let scheduled = false;

/** Writes in order, at the end of the turn. False: the socket's queue is full. The octets are the socket's. */
export function writeInTurn(socket: Holding, octets: Uint8Array): boolean {
  if (socket.writableCorked > 0) return socket.write(octets);
  const piece = socket[PIECE];
  if (piece === undefined) {
    sockets.push(socket);
    if (!scheduled) {
      scheduled = true;
      whenTurnEnds(flush);
    }
    if (octets.length <= LONGEST) {
      socket[PIECE] = octets;
      return !socket.writableNeedDrain;
    }
  }
  socket.cork();
  if (piece !== undefined) {
    socket[PIECE] = undefined;
    socket.write(piece);
  }
  return socket.write(octets);
}

/** Whether anything that was written has not left. */
export const holdsOctets = (socket: Holding): boolean => socket[PIECE] !== undefined || socket.writableLength > 0;

/** What was held leaves now: large pieces gain nothing by waiting, and whoever takes the socket over or ends it comes behind. */
export function letGo(socket: Holding): void {
  const piece = socket[PIECE];
  if (piece !== undefined) {
    socket[PIECE] = undefined;
    if (socket.writable) socket.write(piece);
  }
  while (socket.writableCorked > 0) socket.uncork();
}

function flush(): void {
  scheduled = false;
  const held = sockets;
  sockets = [];
  for (const socket of held) letGo(socket);
}
