/**
 * The one canonical view of a request that routes and policies are matched against (DESIGN, idea 6). The engine implements it over the
 * bytes of the exchange; explain, plan and tests make one from values. Nothing here is read from another view of the same request.
 */
import type { IpAddress } from '../kernel/index.ts';
import type { MetadataStruct } from '../proxy-config/index.ts';

/** Metadata by namespace. */
export type MetadataView = Pick<ReadonlyMap<string, MetadataStruct>, 'get'>;

/** Facts about the connection; all a network filter can know. */
export interface ConnectionView {
  readonly destinationIp: IpAddress | undefined;
  readonly destinationPort: number;
  /** The other end of the connection. */
  readonly directRemoteIp: IpAddress | undefined;
  /** Whom the connection is from: as a proxy before us said in its PROXY header, else the other end. */
  readonly sourceIp: IpAddress | undefined;
  /** SNI, lower case, '' without. */
  readonly serverName: string;
  /** Names of a verified peer certificate; undefined without one. */
  readonly peer: PeerNames | undefined;
  /** The peer sent a certificate, verified or not; absent: it did not. */
  readonly presentedCertificate?: boolean;
}

export interface PeerNames {
  readonly uriSans: readonly string[];
  readonly dnsSans: readonly string[];
  readonly subject: string;
}

export interface RequestView extends ConnectionView {
  readonly method: string;
  /** Authority as it routes: lower case, port kept unless the configuration strips it. */
  readonly host: string;
  /** Canonical path (normalised as configured) without query. */
  readonly path: string;
  /** What follows `?`, undefined without one. */
  readonly query: string | undefined;
  /** The client's address, from x-forwarded-for where that is trusted, else the connection's. */
  readonly remoteIp: IpAddress | undefined;
  /** `http` or `https`. */
  readonly scheme: string;
  /** What filters made known of it; absent: nothing. */
  readonly metadata?: MetadataView | undefined;
  /** What its route says of itself; absent: nothing, or no route. */
  readonly routeMetadata?: MetadataView | undefined;
  /** Values of a header, `name` in lower case, in order; joined by `,`. Undefined when absent. */
  header(name: string): string | undefined;
  /** One value of a repeated header; undefined behind the last. */
  headerValue(name: string, index: number): string | undefined;
  /** The first of these names, from position `from` on, that may be there; -1: none. Absent: each is to be asked for. */
  nextPresent?(names: readonly string[], from: number): number;
}

/** What header matchers ask of a request. */
export type HeaderView = Pick<RequestView, 'method' | 'path' | 'query' | 'host' | 'scheme' | 'header' | 'headerValue'>;

/** A header as matchers see it, pseudo-headers included (`:method`, `:path` with its query, `:authority`, `:scheme`). */
export function matchedHeader(request: HeaderView, name: string): string | undefined {
  if (name.charCodeAt(0) !== 58) return request.header(name);
  switch (name) {
    case ':method':
      return request.method;
    case ':path':
      return request.query === undefined ? request.path : `${request.path}?${request.query}`;
    case ':authority':
      return request.host;
    case ':scheme':
      return request.scheme;
    default:
      return request.header(name);
  }
}
