/** A socket address (envoy.config.core.v3.Address). `ip` is canonical text (core/kernel formatIp). */
export type SocketAddress =
  | { readonly kind: 'ip'; readonly ip: string; readonly port: number }
  /** A name to resolve; only in STRICT_DNS and LOGICAL_DNS clusters. */
  | { readonly kind: 'name'; readonly name: string; readonly port: number }
  /** A Unix-domain socket; `mode` are its permission bits, 0 leaves the umask's. */
  | { readonly kind: 'pipe'; readonly path: string; readonly mode: number }
  /** envoy_internal_address: the listener of that name in the same process; `endpointId` tells endpoints of one listener apart. */
  | { readonly kind: 'internal'; readonly listener: string; readonly endpointId: string };

/** As logs, metrics and messages show it: `IP:PORT` (IPv6 in brackets), `NAME:PORT`, a path, or as Envoy writes internal ones. */
export function addressText(address: SocketAddress): string {
  switch (address.kind) {
    case 'pipe':
      return address.path;
    case 'internal':
      return `envoy://${address.listener}/${address.endpointId}`;
    case 'ip':
      return `${address.ip.includes(':') ? `[${address.ip}]` : address.ip}:${address.port}`;
    case 'name':
      return `${address.name}:${address.port}`;
  }
}
