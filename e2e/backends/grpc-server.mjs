// A gRPC server that says its name: /weft.test.Names/Get answers NAME as bytes, on each of PORTS.
import grpc from '@grpc/grpc-js';

const raw = (bytes) => bytes;
const server = new grpc.Server();
server.register(
  '/weft.test.Names/Get',
  (_call, answer) => answer(null, Buffer.from(process.env.NAME ?? '')),
  raw,
  raw,
  'unary',
);
for (const port of (process.env.PORTS ?? '').split(',')) {
  server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (error) => {
    if (error) {
      console.error(error.message);
      process.exit(1);
    }
  });
}
process.on('SIGTERM', () => server.tryShutdown(() => process.exit(0)));
