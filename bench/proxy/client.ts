/**
 * The clients that no tool offers, run as a process of its own on the load's core: `node client.ts paced|handshakes|idle JSON`. Prints one
 * line of JSON; `idle` then holds its connections until it is ended.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import type { Certificates } from './certificates.ts';

export interface PacedOrder {
  readonly port: number;
  readonly connections: number;
  /** Requests a second, all connections together. */
  readonly rate: number;
  readonly seconds: number;
}

export interface HandshakeOrder {
  readonly port: number;
  readonly certificates: Certificates;
  readonly seconds: number;
}

export interface IdleOrder {
  readonly port: number;
  readonly connections: number;
  readonly certificates?: Certificates | undefined;
}

const REQUEST = 'GET /api/x HTTP/1.1\r\nhost: bench.test\r\n\r\n';
const HEALTH = 'GET /health HTTP/1.1\r\nhost: bench.test\r\n\r\n';
const COMPLETE = 'x'.repeat(1000);

const report = (value: object): void => void process.stdout.write(`${JSON.stringify(value)}\n`);

/** Sends at a fixed rate whatever comes back; what finds all connections busy waits, and its wait counts. ms from due to last byte. */
function paced({ port, connections, rate, seconds }: PacedOrder): void {
  const latencies: number[] = [];
  const idle: net.Socket[] = [];
  const waiting: number[] = [];
  const startedAt = new Map<net.Socket, number>();
  const send = (socket: net.Socket, due: number): void => {
    startedAt.set(socket, due);
    socket.write(REQUEST);
  };
  for (let index = 0; index < connections; index += 1) {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true }, () => idle.push(socket));
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      if (!text.endsWith(COMPLETE)) return;
      latencies.push(performance.now() - (startedAt.get(socket) ?? 0));
      text = '';
      const due = waiting.shift();
      if (due === undefined) idle.push(socket);
      else send(socket, due);
    });
  }
  const began = performance.now() + 300;
  let due = 0;
  const timer = setInterval(() => {
    for (; began + (due * 1000) / rate <= performance.now() && due < rate * seconds; due += 1) {
      const socket = idle.shift();
      if (socket === undefined) waiting.push(performance.now());
      else send(socket, performance.now());
    }
    if (latencies.length < rate * seconds) return;
    clearInterval(timer);
    const sorted = latencies.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
    report({ p50: at(0.5), p99: at(0.99) });
    process.exit(0);
  }, 1);
}

const contextOf = ({ roots, chain, key }: Certificates): tls.SecureContext =>
  tls.createSecureContext({ ca: readFileSync(roots), cert: readFileSync(chain), key: readFileSync(key) });

/** Opens connections with full handshakes, four at a time; each counts when its request was answered. */
function handshakes({ port, certificates, seconds }: HandshakeOrder): void {
  const secureContext = contextOf(certificates);
  const end = performance.now() + seconds * 1000;
  let count = 0;
  let open = 0;
  const next = (): void => {
    if (performance.now() > end) {
      if (open === 0) report({ count });
      return;
    }
    open += 1;
    const socket = tls.connect({ port, host: '127.0.0.1', servername: 'bench.test', secureContext }, () =>
      socket.write(HEALTH),
    );
    socket.once('data', (chunk: Buffer) => {
      if (chunk.toString('latin1', 0, 12) !== 'HTTP/1.1 200') throw new Error(chunk.toString('latin1'));
      if (socket.isSessionReused()) throw new Error('resumed');
      count += 1;
      socket.end();
    });
    socket.once('error', (error) => {
      throw error;
    });
    socket.once('close', () => {
      open -= 1;
      next();
    });
  };
  for (let index = 0; index < 4; index += 1) next();
}

/** Opens connections, one request on each, 32 at a time; says how many, then holds them. */
function idle({ port, connections, certificates }: IdleOrder): void {
  const secureContext = certificates === undefined ? undefined : contextOf(certificates);
  let begun = 0;
  let answered = 0;
  const next = (): void => {
    if (begun === connections) return;
    begun += 1;
    const where = { port, host: '127.0.0.1' };
    const socket =
      secureContext === undefined
        ? net.connect(where, () => socket.write(HEALTH))
        : tls.connect({ ...where, servername: 'bench.test', secureContext }, () => socket.write(HEALTH));
    socket.once('data', () => {
      answered += 1;
      if (answered === connections) report({ open: answered });
      next();
    });
    socket.once('close', () => {
      throw new Error(`connection closed after ${answered}`);
    });
  };
  for (let index = 0; index < 32; index += 1) next();
}

const [, , kind, order = '{}'] = process.argv;
switch (kind) {
  case 'paced':
    paced(JSON.parse(order));
    break;
  case 'handshakes':
    handshakes(JSON.parse(order));
    break;
  case 'idle':
    idle(JSON.parse(order));
    break;
  default:
    throw new Error(`client: ${kind}`);
}
