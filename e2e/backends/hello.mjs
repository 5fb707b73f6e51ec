// A small HTTP service for tests: answers who it is; `?delay=MS` waits before. Knows nothing of Weft.
import http from 'node:http';

const name = process.env.NAME ?? String(process.pid);
const server = http.createServer((request, response) => {
  request.resume();
  const delay = Number(new URL(request.url, 'http://x').searchParams.get('delay') ?? 0);
  setTimeout(() => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ name, pid: process.pid, path: request.url, headers: request.headers }));
  }, delay);
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
