/** By which names and addresses a listening control plane is reached. */
import os from 'node:os';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** `HOST:PORT`, IPv6 in brackets; undefined when it is neither. Port 0: a free one. */
export function parseHostPort(text: string): ListenAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3] ?? -1);
  const host = match?.[1] ?? match?.[2];
  return host === undefined || port < 0 || port > 65_535 ? undefined : { host, port };
}

export const formatHostPort = ({ host, port }: ListenAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::';

function interfaces(): string[] {
  return Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ scopeid }) => scopeid === undefined || scopeid === 0)
    .map(({ address }) => address);
}

/** What the server's certificate must name. */
export const certificateHosts = (host: string): string[] => [
  ...new Set(['localhost', '127.0.0.1', '::1', ...(isWildcard(host) ? [os.hostname(), ...interfaces()] : [host])]),
];

/** Where other hosts should try: the first address that is not loopback when it listens on all. */
export function reachableHost(host: string): string {
  if (!isWildcard(host)) return host;
  const outside = Object.values(os.networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4');
  return outside?.address ?? '127.0.0.1';
}
