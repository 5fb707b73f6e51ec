// The soak's HTTP service: says who it is and what arrived. `?delay=MS` waits first, `?trickle=MS` sends its answer in ten parts over
// that time. Knows nothing of Weft. On SIGTERM it ends when its open exchanges have.
import { createHash } from 'node:crypto';
import http from 'node:http';

const name = process.env.NAME ?? '';
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function answer(request, response) {
  const query = new URL(request.url, 'http://soak').searchParams;
  const hash = createHash('sha1');
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  await pause(Number(query.get('delay') ?? 0));
  const trickle = Number(query.get('trickle') ?? 0);
  const text = JSON.stringify({ name, bytes, sha1: bytes > 0 ? hash.digest('hex') : '' });
  response.setHeader('content-type', 'application/json');
  if (trickle > 0) {
    for (let part = 0; part < 10; part += 1) {
      response.write(' '.repeat(64));
      await pause(trickle / 10);
    }
  }
  response.end(text);
}

const server = http.createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.keepAliveTimeout = 120_000;
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
