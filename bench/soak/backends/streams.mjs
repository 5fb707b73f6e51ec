// The soak's streams: a TCP echo on PORT, a WebSocket echo (RFC 6455, whole frames up to 64 kB) on WS_PORT. Knows nothing of Weft.
import { createHash } from 'node:crypto';
import http from 'node:http';
import net from 'node:net';

const tcp = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.pipe(socket);
});
tcp.listen(Number(process.env.PORT), '127.0.0.1');

const web = http.createServer((_request, response) => response.writeHead(426).end());
web.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(
    `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
  );
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept.digest('base64')}\r\n\r\n`,
  );
  let rest = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      if (rest.length < 2) return;
      const short = rest[1] & 0x7f;
      const head = short === 126 ? 4 : 2;
      if (rest.length < head + 4) return;
      const length = short === 126 ? rest.readUInt16BE(2) : short;
      if (rest.length < head + 4 + length) return;
      const key = rest.subarray(head, head + 4);
      const payload = Buffer.from(rest.subarray(head + 4, head + 4 + length)).map((byte, at) => byte ^ key[at % 4]);
      const first = rest[0];
      rest = rest.subarray(head + 4 + length);
      const out = Buffer.alloc(length < 126 ? 2 : 4);
      out[0] = first;
      out[1] = length < 126 ? length : 126;
      if (length >= 126) out.writeUInt16BE(length, 2);
      socket.write(Buffer.concat([out, payload]));
      if ((first & 0x0f) === 8) socket.end();
    }
  });
});
web.listen(Number(process.env.WS_PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
