/**
 * Ports of this host for a run: free ones for the proxy, and a look at the wanted ones before anything starts, so that every port in use
 * is told at once, with the flag that wants it. Who takes a port between the look and the start is told by the data plane.
 */
import { randomInt } from 'node:crypto';
import net from 'node:net';
import { CommandError } from '../../errors.ts';

/** A port that a flag asks for. */
export interface WantedPort {
  /** The flag as it was written. */
  readonly flag: string;
  readonly port: number;
  readonly hosts: readonly string[];
}

const listening = (port: number, host: string): Promise<net.Server> =>
  new Promise((resolve, reject) => {
    const server = net.createServer().once('error', reject);
    server.listen({ port, host }, () => resolve(server));
  });

const close = (server: net.Server): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));

/** Below 32768, where Linux begins to take source ports from: no outgoing connection takes one between the look and the start. */
const FIRST_FREE = 20_000;
const END = 32_768;
/** Ports that are taken together: who listens on the first of them, which nothing else uses, may use the others. */
const BLOCK = 16;

/**
 * Ports that nobody listens on now, each once, and that no other run takes as long as this process lives: a proxy listens only once it has
 * its configuration, seconds after the look. Throws where all are taken.
 */
export async function freePorts(count: number, host: string): Promise<number[]> {
  const blocks = (END - FIRST_FREE) / BLOCK;
  const start = randomInt(blocks);
  const found: number[] = [];
  for (let index = 0; index < blocks && found.length < count; index += 1) {
    const guard = FIRST_FREE + ((start + index) % blocks) * BLOCK;
    if (!(await keeps(guard))) continue;
    for (let port = guard + 1; port < guard + BLOCK && found.length < count; port += 1)
      if (await isFree(port, host)) found.push(port);
  }
  if (found.length < count)
    throw new CommandError(
      `${host}: fewer than ${count} ports from ${FIRST_FREE} to ${END - 1} are free`,
      'End some of what uses them.',
    );
  return found;
}

/** Listens there to the end of the process; false: somebody else does. */
async function keeps(guard: number): Promise<boolean> {
  try {
    const server = await listening(guard, '127.0.0.1');
    server.on('connection', (socket) => socket.destroy()).unref();
    return true;
  } catch (error) {
    return notInUse(error);
  }
}

async function isFree(port: number, host: string): Promise<boolean> {
  try {
    await close(await listening(port, host));
    return true;
  } catch (error) {
    return notInUse(error);
  }
}

/** False where it is; anything else is thrown. */
function notInUse(error: unknown): false {
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
  throw error;
}

/** One line for each wanted port that cannot be listened on. A host that this machine lacks (no IPv6) is passed over. */
export async function unavailablePorts(wanted: readonly WantedPort[]): Promise<string[]> {
  const found: string[] = [];
  for (const { flag, port, hosts } of wanted) {
    const reasons = await Promise.all(hosts.map((host) => reasonAgainst(port, host)));
    const reason = reasons.find((text) => text !== undefined);
    if (reason !== undefined) found.push(`${flag}: ${reason}`);
  }
  return found;
}

/** Whether a program listens there. */
export async function portInUse(port: number, host: string): Promise<boolean> {
  return (await reasonAgainst(port, host))?.endsWith(IN_USE) === true;
}

const IN_USE = 'is in use by another program';

async function reasonAgainst(port: number, host: string): Promise<string | undefined> {
  const where = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  try {
    await close(await listening(port, host));
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') return `${where} ${IN_USE}`;
    if (code === 'EACCES') return `this user may not listen on ${where}: choose a port from 1024 up`;
    if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return undefined;
    return `cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
