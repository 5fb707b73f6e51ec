/**
 * Tap: single exchanges that somebody asked to see, as they end. Texts of strangers (paths, hosts, headers) are here and nowhere else in what
 * travels; they are cut and freed of control characters where they are recorded (`shown.ts`), so that no screen or page has to trust them.
 */

/** Which exchanges of a workload are wanted. '' and 0: any. */
export interface TapRequest {
  /** Workload or service on the other side, by name or `namespace/name`. */
  readonly to: string;
  readonly method: string;
  /** The path begins so. */
  readonly path: string;
  /** A status, or its class: 503, or 5 for 5xx. */
  readonly status: number;
  /** Exchanges a second that are shown at most, by each proxy. */
  readonly rate: number;
  /** Nobody watches: refusals and failures are wanted, and a sample of the rest, each at `rate` (keep.ts). */
  readonly keep: boolean;
}

export interface TapRecord {
  /** Unix ms of its start. */
  readonly at: number;
  readonly kind: 'http' | 'tcp';
  /** `outbound`: the workload called; `inbound`: it was called. */
  readonly direction: 'inbound' | 'outbound';
  /** Local port of the proxy that took it: an `--upstream`, a listener of a Gateway, or the proxy's own of a port of the service. 0: not known. */
  readonly port: number;
  /** `namespace/name` of the workload on the other side, else its address. */
  readonly peer: string;
  /** SPIFFE ID that the other side proved. */
  readonly identity: string;
  readonly secured: boolean;
  /** Service that was addressed, `namespace/name` or a host; '' for none. */
  readonly service: string;
  /** Source of the route that decided, `Kind/namespace/name#path`. */
  readonly route: string;
  readonly method: string;
  readonly authority: string;
  readonly path: string;
  readonly protocol: string;
  /** 0: none was sent. */
  readonly status: number;
  readonly grpc: number;
  readonly flags: string;
  /** Envoy's response code details: who answered, and why. */
  readonly details: string;
  /** ms. */
  readonly duration: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly attempts: number;
  readonly requestId: string;
  /** How many exchanges it stands for: 1, unless a sample was wanted. */
  readonly weight: number;
  /** Of the request; values of names that the rule does not let pass are `<redacted>`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Who entered by a Gateway; absent: no Gateway told it. */
  readonly entered?: Entered | undefined;
}

/** What a Gateway knows of who is outside. */
export interface Entered {
  /** The other end of the connection; on our engine as a PROXY header told it. '' not known. */
  readonly address: string;
  /** Whom it is from, by PROXY header and x-forwarded-for as far as these are believed. */
  readonly client: string;
  /** It showed a certificate that the listener took. */
  readonly certificate: boolean;
  /** SPIFFE ID in it; '' none. */
  readonly identity: string;
  /** TLS server name; '' none. */
  readonly serverName: string;
}
