import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { connect } from 'node:tls';
import fc from 'fast-check';
import { readClientHello } from './index.ts';

/** A ClientHello as the platform's own TLS writes it. */
async function hello(servername: string, protocols: string[]): Promise<Buffer> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', servername, ALPNProtocols: protocols, rejectUnauthorized: false });
  client.on('error', () => undefined);
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

test('server name and protocols of a real ClientHello, also when it comes in pieces and in several records', async () => {
  const bytes = await hello('Orders.Shop.Mesh', ['h2', 'http/1.1']);
  const wanted = { kind: 'hello', serverName: 'orders.shop.mesh', protocols: ['h2', 'http/1.1'] };
  assert.deepEqual(readClientHello(bytes), wanted);
  for (let cut = 0; cut < bytes.length; cut += 1) {
    assert.equal(readClientHello(bytes.subarray(0, cut)).kind, 'incomplete', `cut at ${cut}`);
  }
  const payload = bytes.subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < payload.length; at += 100) {
    const part = payload.subarray(at, at + 100);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  assert.deepEqual(readClientHello(Buffer.concat(records)), wanted);
});

test('damaged bytes never throw and never pass for more than they are', async () => {
  const bytes = await hello('a.example', ['h2']);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      (changes) => {
        const damaged = Uint8Array.from(bytes);
        for (const [at, value] of changes) damaged[at] = value;
        const got = readClientHello(damaged);
        if (got.kind === 'hello') assert.ok(got.serverName.length <= 255);
      },
    ),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => void readClientHello(noise)),
    { numRuns: 300 },
  );
});

test('what is not TLS is told by its first byte', () => {
  assert.equal(readClientHello(new TextEncoder().encode('GET / HTTP/1.1')).kind, 'not-tls');
  assert.equal(readClientHello(Uint8Array.of(22, 1)).kind, 'not-tls');
  assert.equal(readClientHello(Uint8Array.of()).kind, 'incomplete');
  assert.equal(readClientHello(Uint8Array.of(22, 3, 1, 0, 0)).kind, 'malformed');
});

test('what stands behind the ClientHello changes nothing', async () => {
  const bytes = await hello('a.example', ['h2']);
  const wanted = { kind: 'hello', serverName: 'a.example', protocols: ['h2'] };
  for (const behind of [[22, 3, 1, 0, 0], [22, 3, 1, 255, 255], [23, 3, 3, 0, 1, 0], [0]])
    assert.deepEqual(readClientHello(Buffer.concat([bytes, Uint8Array.from(behind)])), wanted);
});

test('a message over very many records is no ClientHello', async () => {
  const payload = (await hello('a.example', ['h2'])).subarray(5);
  const records = Buffer.concat(Array.from(payload, (octet) => Buffer.from([22, 3, 1, 0, 1, octet])));
  assert.equal(readClientHello(records.subarray(0, 6 * 64)).kind, 'incomplete');
  assert.equal(readClientHello(records).kind, 'malformed');
});
