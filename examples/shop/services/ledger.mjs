// The ledger: numbers every line that it gets. Plain TCP.
import net from 'node:net';

let count = 0;
const open = new Set();
const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  open.add(socket);
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    if (lines.length > 0) socket.write(lines.map(() => `entry ${(count += 1)}\n`).join(''));
  });
  socket.on('end', () => socket.end());
  socket.on('error', () => socket.destroy());
  socket.on('close', () => open.delete(socket));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  for (const socket of open) socket.end();
});
