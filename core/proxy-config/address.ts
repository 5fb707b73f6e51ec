/** A socket address (envoy.config.core.v3.Address). `ip` is canonical text (core/kernel formatIp). */
export type SocketAddress =
  | { readonly kind: 'ip'; readonly ip: string; readonly port: number }
  /** A name to resolve; only in STRICT_DNS and LOGICAL_DNS clusters. */
  | { readonly kind: 'name'; readonly name: string; readonly port: number }
  /** A Unix-domain socket; `mode` are its permission bits, 0 leaves the umask's. */
  | { readonly kind: 'pipe'; readonly path: string; readonly mode: number };
