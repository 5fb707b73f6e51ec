import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { SocketSide } from '../http/tunnel-side.ts';
import { Splice } from './splice.ts';

/** Both ends of a connection; the second one as listeners hold it until somebody takes it over. */
async function pair(): Promise<readonly [Socket, Socket]> {
  const server = net.createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [accepted] = (await once(server, 'connection')) as [Socket];
  server.close();
  return [client, accepted];
}

/** A client that ends its half at once, read as far as that while nobody is there to be told. */
async function ended(): Promise<readonly [Socket, Socket]> {
  const [client, accepted] = await pair();
  accepted.read(0);
  accepted.pause();
  client.end();
  await once(accepted, 'end');
  return [client, accepted];
}

test('the end of a half that came before both sides were joined is passed on', async () => {
  const [client, downstream] = await ended();
  const [upstream, backend] = await pair();
  const closed = new Promise<void>((resolve) => {
    new Splice(downstream, upstream, { spliceActive() {}, spliceClosed: () => resolve() }).start();
  });
  backend.resume();
  await once(backend, 'end');
  client.resume();
  backend.end();
  await closed;
});

test('a side of a tunnel tells of an end that came before', async () => {
  const [client, accepted] = await ended();
  let told = 0;
  const side = new SocketSide(accepted, new Uint8Array(0));
  side.open({ sideData() {}, sideEnded: () => (told += 1), sideDrained() {}, sideClosed() {} });
  assert.equal(told, 1);
  accepted.destroy();
  client.destroy();
});
