// The soak's gRPC-like service over HTTP/2 without TLS: each message comes back as it came, `grpc-status: 0` in trailers. Knows nothing of
// Weft and of gRPC libraries. On SIGTERM it lets open calls end.
import http2 from 'node:http2';

const name = process.env.NAME ?? '';
const sessions = new Set();
const server = http2.createServer();
server.on('session', (session) => {
  sessions.add(session);
  session.on('close', () => sessions.delete(session));
  session.on('error', () => undefined);
});
server.on('stream', (stream) => {
  stream.on('error', () => undefined);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'x-instance': name }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.pipe(stream);
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  for (const session of sessions) session.close();
});
