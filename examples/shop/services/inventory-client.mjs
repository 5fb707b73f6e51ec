// The shop's gRPC contract without a .proto file: shop.Inventory/Reserve, JSON messages.
import grpc from '@grpc/grpc-js';

export const service = {
  Reserve: {
    path: '/shop.Inventory/Reserve',
    requestStream: false,
    responseStream: false,
    requestSerialize: (value) => Buffer.from(JSON.stringify(value)),
    requestDeserialize: (bytes) => JSON.parse(bytes.toString()),
    responseSerialize: (value) => Buffer.from(JSON.stringify(value)),
    responseDeserialize: (bytes) => JSON.parse(bytes.toString()),
  },
};

const Client = grpc.makeGenericClientConstructor(service, 'shop.Inventory');
const clients = new Map();

export function reserve(address, item) {
  let client = clients.get(address);
  if (client === undefined) {
    client = new Client(address, grpc.credentials.createInsecure());
    clients.set(address, client);
  }
  return new Promise((resolve, reject) => {
    client.Reserve({ item }, { deadline: Date.now() + 5000 }, (error, value) =>
      error ? reject(error) : resolve(value),
    );
  });
}
