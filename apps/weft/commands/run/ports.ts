/**
 * Ports of this host for a run: free ones for the proxy, and a look at the wanted ones before anything starts, so that every port in use
 * is told at once, with the flag that wants it. Who takes a port between the look and the start is told by the data plane.
 */
import { randomInt } from 'node:crypto';
import net from 'node:net';

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
const LAST_FREE = 32_767;

/** Ports that nobody listens on now, each once. */
export async function freePorts(count: number, host: string): Promise<number[]> {
  const servers = new Map<number, net.Server>();
  while (servers.size < count) {
    const port = randomInt(FIRST_FREE, LAST_FREE + 1);
    if (servers.has(port)) continue;
    try {
      servers.set(port, await listening(port, host));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code !== 'EADDRINUSE') throw error;
    }
  }
  await Promise.all([...servers.values()].map(close));
  return [...servers.keys()];
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
