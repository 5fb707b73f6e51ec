// The inventory: a gRPC server that counts what is left.
import grpc from '@grpc/grpc-js';
import { service } from './inventory-client.mjs';

let left = 1_000_000;
const server = new grpc.Server();
server.addService(service, { Reserve: (call, answer) => answer(null, { item: call.request.item, left: (left -= 1) }) });
server.bindAsync(`127.0.0.1:${process.env.PORT}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) {
    console.error(error.message);
    process.exit(1);
  }
});
process.on('SIGTERM', () => server.tryShutdown(() => process.exit(0)));
