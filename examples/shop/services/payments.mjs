// Payments: writes each payment to the ledger, a line protocol over TCP, and answers with its number.
import net from 'node:net';
import { serve } from './http.mjs';

const [host, port] = (process.env.LEDGER_ADDRESS ?? '127.0.0.1:7004').split(':');
let socket;
let waiting = [];

function connect() {
  socket = net.connect({ host, port: Number(port), noDelay: true });
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) waiting.shift()?.resolve(line);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    socket = undefined;
    for (const { reject } of waiting) reject(new Error('the ledger closed the connection'));
    waiting = [];
  });
}

const write = (line) =>
  new Promise((resolve, reject) => {
    if (socket === undefined) connect();
    waiting.push({ resolve, reject });
    socket.write(`${line}\n`);
  });

serve(async (request) => {
  if (request.url === '/healthz') return { body: { ok: true } };
  return { body: { payment: await write('pay 3.20') } };
});
