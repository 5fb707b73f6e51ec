/** External authorization: envoy.service.auth.v3.Authorization/Check. */
import type { MetadataStruct } from '../proxy-config/index.ts';

export interface CheckPeer {
  /** Undefined on a Unix socket. */
  readonly address: { readonly ip: string; readonly port: number } | undefined;
  /** URI SAN of its certificate, else its subject; '' without. */
  readonly principal: string;
  /** '' unknown. */
  readonly service: string;
  /** PEM, URL-encoded; '' unless asked for. */
  readonly certificate: string;
}

export interface CheckQuestion {
  readonly source: CheckPeer;
  readonly destination: CheckPeer;
  /** ms since 1970 of the request's begin. */
  readonly time: number;
  readonly id: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly host: string;
  readonly scheme: string;
  /** `HTTP/1.1`, `HTTP/2`, ... */
  readonly protocol: string;
  /** Lower-case names, pseudo-headers among them, each once with its values joined. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Octets of the request's body, as far as they have come. */
  readonly size: number;
  readonly body: Uint8Array | undefined;
  /** The body goes as bytes, not as text. */
  readonly bodyAsBytes: boolean;
  readonly contextExtensions: readonly (readonly [name: string, value: string])[];
  /** By namespace. */
  readonly metadata: ReadonlyMap<string, MetadataStruct>;
  /** SNI; undefined unless asked for. */
  readonly serverName: string | undefined;
}

/** One change of a header, in order. */
export interface HeaderChange {
  readonly name: string;
  readonly value: string;
  /** `append-if-exists`: joined to a value that is there, else nothing. */
  readonly action: 'set' | 'add' | 'add-if-absent' | 'set-if-exists' | 'append-if-exists';
}

export type CheckVerdict =
  | {
      readonly kind: 'ok';
      readonly request: readonly HeaderChange[];
      readonly remove: readonly string[];
      readonly response: readonly HeaderChange[];
      readonly querySet: readonly (readonly [name: string, value: string])[];
      readonly queryRemove: readonly string[];
      readonly metadata: MetadataStruct;
    }
  | {
      readonly kind: 'denied';
      /** 0: none was said. */
      readonly status: number;
      readonly headers: readonly HeaderChange[];
      readonly body: string;
      readonly metadata: MetadataStruct;
    };
