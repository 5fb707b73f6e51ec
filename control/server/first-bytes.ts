/** Tells HTTP/2 from HTTP/1.1 on a plain connection by its first bytes; they are put back, so that the next reader sees all of them. */
import type { Socket } from 'node:net';

/** RFC 9113 section 3.4. No HTTP/1.1 method in use begins with these three. */
const PREFACE = Buffer.from('PRI');

/** Calls `then` once with the verdict. A connection that ends, fails or says too little for `timeoutMs` is closed, and `then` never called. */
export function sniffHttp2(socket: Socket, timeoutMs: number, then: (http2: boolean) => void): void {
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  timer.unref();
  const forget = (): void => {
    clearTimeout(timer);
    socket.off('readable', look);
    socket.off('error', fail);
    socket.off('close', forget);
  };
  const fail = (): void => {
    forget();
    socket.destroy();
  };
  const look = (): void => {
    const bytes: unknown = socket.read();
    if (!Buffer.isBuffer(bytes)) {
      if (socket.readableEnded) fail();
      return;
    }
    const seen = Math.min(bytes.length, PREFACE.length);
    const same = bytes.subarray(0, seen).equals(PREFACE.subarray(0, seen));
    socket.unshift(bytes);
    if (same && seen < PREFACE.length) return;
    forget();
    then(same);
  };
  socket.on('readable', look);
  socket.on('error', fail);
  socket.on('close', forget);
}
