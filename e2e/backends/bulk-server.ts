/** A backend of Node's own HTTP and TCP servers for what public programs do not show: 100 MB both ways, trailers up, half-closed streams. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';

const CHUNK = Buffer.alloc(64 * 1024, 'weft');

/**
 * PUT: answers JSON {bytes, sha256, trailers, chunked}. GET /N: N bytes of a known pattern. TCP: takes everything until the peer ends
 * its side, then answers the count of bytes and their hash, and ends.
 */
export class BulkServer {
  readonly #http = http.createServer((request, response) => this.#answer(request, response));
  readonly #tcp = net.createServer({ allowHalfOpen: true }, (socket) => this.#count(socket));

  async start(): Promise<{ readonly http: number; readonly tcp: number }> {
    const listen = (server: net.Server): Promise<number> =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      });
    return { http: await listen(this.#http), tcp: await listen(this.#tcp) };
  }

  stop(): void {
    this.#http.closeAllConnections();
    this.#http.close();
    this.#tcp.close();
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    if (request.method === 'GET') {
      request.resume();
      this.#send(Number(request.url?.slice(1)), response);
      return;
    }
    const hash = createHash('sha256');
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          bytes,
          sha256: hash.digest('hex'),
          trailers: request.trailers,
          chunked: request.headers['transfer-encoding'] === 'chunked',
        }),
      );
    });
    request.on('error', () => response.destroy());
  }

  #send(total: number, response: http.ServerResponse): void {
    response.writeHead(200, { 'content-length': total });
    let left = total;
    const more = (): void => {
      while (left > 0) {
        const chunk = left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left);
        left -= chunk.length;
        if (!response.write(chunk)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  }

  #count(socket: net.Socket): void {
    const hash = createHash('sha256');
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      hash.update(chunk);
    });
    socket.on('end', () => socket.end(`${bytes} ${hash.digest('hex')}\n`));
    socket.on('error', () => socket.destroy());
  }
}

/** The first `total` bytes of the pattern that GET answers. */
export function patternHash(total: number): string {
  const hash = createHash('sha256');
  for (let left = total; left > 0; left -= CHUNK.length)
    hash.update(left >= CHUNK.length ? CHUNK : CHUNK.subarray(0, left));
  return hash.digest('hex');
}

export const PATTERN_CHUNK: Buffer = CHUNK;
