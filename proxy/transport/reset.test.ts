/** A cut never leaves a descriptor behind, whatever the socket was doing. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { resetSocket } from './reset.ts';

test('a socket is closed by a cut also while the end of its writing is under way', async () => {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (const prepare of [
    () => {},
    (socket: net.Socket) => socket.end(),
    (socket: net.Socket) => socket.end('x'),
    (socket: net.Socket) => void socket.write(Buffer.alloc(8_000_000)),
    (socket: net.Socket) => socket.end(Buffer.alloc(8_000_000)),
  ]) {
    for (const later of [false, true]) {
      const socket = net.connect({
        port: (server.address() as AddressInfo).port,
        host: '127.0.0.1',
        allowHalfOpen: true,
      });
      socket.on('error', () => {});
      await once(socket, 'connect');
      prepare(socket);
      if (later) await new Promise((resolve) => process.nextTick(resolve));
      const closed = once(socket, 'close');
      resetSocket(socket);
      await closed;
      assert.ok(socket.destroyed);
    }
  }
  server.close();
});
