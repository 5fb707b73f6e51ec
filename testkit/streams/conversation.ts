/** One side of a conversation in bytes, as data: what is sent, what must come, when it must be over. Over TCP, a Unix socket or UDP. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '../wait/index.ts';
import { clientHello, type HelloForm } from './client-hello.ts';

export type Step =
  /** latin1 text. Pieces of a list go one by one, as segments of their own. */
  | { readonly send: string | readonly string[] }
  | { readonly hex: string }
  | { readonly hello: HelloForm }
  /** Regular expression over what came and no earlier step took; takes it. */
  | { readonly receive: string }
  /** We end our direction. */
  | { readonly end: true }
  /** The other side ends or cuts the connection, and nothing came that no step took. */
  | { readonly closed: true }
  /** Nothing comes for so many ms. */
  | { readonly silent: number }
  /** A new socket in place of the last, e.g. another source port. */
  | { readonly reconnect: true };

export type Place = number | string;

interface Line {
  received: Buffer;
  over: boolean;
  send(bytes: Buffer): Promise<void>;
  end(): void;
  close(): void;
}

/** Plays the steps; a text for the first that does not come true, undefined when all did. Waits for each at most `patience` ms. */
export async function converse(
  place: Place,
  transport: 'tcp' | 'udp',
  steps: readonly Step[],
  patience = 15_000,
): Promise<string | undefined> {
  const open = (): Promise<Line> => (transport === 'udp' ? datagrams(Number(place)) : stream(place));
  let line = await open();
  try {
    for (const [index, step] of steps.entries()) {
      const fault = 'reconnect' in step ? undefined : await play(line, step, patience);
      if (fault !== undefined) return `step ${index + 1}: ${fault}`;
      if ('reconnect' in step) {
        line.close();
        line = await open();
      }
    }
    return undefined;
  } finally {
    line.close();
  }
}

async function play(
  line: Line,
  step: Exclude<Step, { reconnect: true }>,
  patience: number,
): Promise<string | undefined> {
  if ('send' in step) {
    for (const piece of [step.send].flat()) await line.send(Buffer.from(piece, 'latin1'));
  } else if ('hex' in step) await line.send(Buffer.from(step.hex.replaceAll(' ', ''), 'hex'));
  else if ('hello' in step) await line.send(clientHello(step.hello));
  else if ('end' in step) line.end();
  else if ('silent' in step) {
    const came = await until(() => line.received.length > 0, { timeout: step.silent }).catch(() => false);
    if (came) return `expected nothing, got ${JSON.stringify(line.received.toString('latin1').slice(0, 500))}`;
  } else if ('receive' in step) {
    const wanted = new RegExp(step.receive, 's');
    const came = (): string => line.received.toString('latin1');
    const ok = await until(() => wanted.test(came()) || line.over, { timeout: patience }).catch(() => false);
    if (ok === false || !wanted.test(came()))
      return `expected /${step.receive}/, got ${JSON.stringify(came().slice(0, 500))}`;
    line.received = Buffer.alloc(0);
  } else {
    const ok = await until(() => line.over, { timeout: patience }).catch(() => false);
    if (ok === false) return 'expected the end of the connection';
    if (line.received.length > 0)
      return `expected nothing more, got ${JSON.stringify(line.received.toString('latin1').slice(0, 500))}`;
  }
  return undefined;
}

async function stream(place: Place): Promise<Line> {
  const socket = connect({
    ...(typeof place === 'string' ? { path: place } : { host: '127.0.0.1', port: place }),
    allowHalfOpen: true,
    noDelay: true,
  });
  const line: Line = {
    received: Buffer.alloc(0),
    over: false,
    send: async (bytes) => {
      if (socket.writable) await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
      // A segment of its own: the next turn of the loop at the earliest.
      await new Promise((resolve) => setImmediate(resolve));
    },
    end: () => void socket.end(),
    close: () => void socket.destroy(),
  };
  socket.on('data', (chunk: Buffer) => {
    line.received = Buffer.concat([line.received, chunk]);
  });
  for (const event of ['end', 'close', 'error']) socket.on(event, () => (line.over = true));
  // A server may reset a connection as soon as it has it: that one is over, not refused.
  await once(socket, 'connect').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET') throw error;
  });
  return line;
}

async function datagrams(port: number): Promise<Line> {
  const socket = createSocket('udp4');
  const line: Line = {
    received: Buffer.alloc(0),
    over: false,
    send: (bytes) => new Promise((resolve) => socket.send(bytes, () => resolve())),
    end: () => undefined,
    close: () => void socket.close(),
  };
  socket.on('message', (bytes) => {
    line.received = Buffer.concat([line.received, bytes]);
  });
  socket.on('error', () => undefined);
  socket.connect(port, '127.0.0.1');
  // A server may reset a connection as soon as it has it: that one is over, not refused.
  await once(socket, 'connect').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ECONNRESET') throw error;
  });
  return line;
}
