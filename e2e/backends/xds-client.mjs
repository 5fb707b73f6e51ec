// A proxyless gRPC client behind an HTTP front: GET /?target=TARGET&count=N makes N calls and answers with who answered how often.
// GRPC_XDS_BOOTSTRAP names its bootstrap file; PORT is the front's.
import http from 'node:http';
import grpc from '@grpc/grpc-js';
import { register, XdsChannelCredentials } from '@grpc/grpc-js-xds';

register();
const raw = (bytes) => bytes;
const clients = new Map();
const clientOf = (target) => {
  let client = clients.get(target);
  if (client === undefined) {
    client = new grpc.Client(target, new XdsChannelCredentials(grpc.credentials.createInsecure()));
    clients.set(target, client);
  }
  return client;
};
const call = (target) =>
  new Promise((resolve) => {
    const deadline = Date.now() + 5000;
    clientOf(target).makeUnaryRequest('/weft.test.Names/Get', raw, raw, Buffer.alloc(0), { deadline }, (error, bytes) =>
      resolve(error ? `error ${error.code} ${error.details}` : bytes.toString()),
    );
  });

async function answer(url, response) {
  const { searchParams } = new URL(url, 'http://front');
  const answers = {};
  for (let left = Number(searchParams.get('count') ?? 1); left > 0; left -= 1) {
    const who = await call(searchParams.get('target') ?? '');
    answers[who] = (answers[who] ?? 0) + 1;
  }
  response.end(JSON.stringify(answers));
}

http
  .createServer((request, response) => void answer(request.url ?? '/', response))
  .listen(Number(process.env.PORT), '127.0.0.1');
