// A proxyless gRPC client behind an HTTP front: POST / with a JSON call (testkit/grpc-cases, CallInput) answers with its outcome.
// GRPC_XDS_BOOTSTRAP names its bootstrap file; PORT is the front's.
import http from 'node:http';
import grpc from '@grpc/grpc-js';
import { register, XdsChannelCredentials } from '@grpc/grpc-js-xds';
import { Callers } from '@weft/testkit/grpc-cases';

register();
const callers = new Callers(() => new XdsChannelCredentials(grpc.credentials.createInsecure()));

async function answer(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  response.end(JSON.stringify(await callers.call(JSON.parse(Buffer.concat(chunks).toString()))));
}

http.createServer((request, response) => void answer(request, response)).listen(Number(process.env.PORT), '127.0.0.1');
