/**
 * What an exchange needs of the version of HTTP on either side: where its request and its answer are read, and where its answer goes. HTTP/1.1
 * connections and HTTP/2 streams are both; nothing else in the HTTP half may know which one it has.
 */
import type { Socket } from 'node:net';
import type { BodyKind, ConnectionOptions, Expectation, FieldBlock, TargetForm } from '@weft/wire/http1';
import type { OctetHolder } from '../ports.ts';
import type { UpstreamClient } from '../router/upstream-client.ts';
import type { Exchange } from './exchange.ts';
import type { RequestTarget } from './known-targets.ts';
import type { CanonicalHost } from './last-host.ts';

/** A request's head and how its body comes. */
export interface RequestSource {
  readonly head: FieldBlock;
  readonly body: { readonly kind: BodyKind; readonly trailers: FieldBlock | undefined };
  readonly connection: Readonly<ConnectionOptions>;
  readonly method: string;
  readonly form: TargetForm;
  /** Octets of `head.bytes`. */
  readonly pathStart: number;
  readonly pathEnd: number;
  readonly hostStart: number;
  readonly hostEnd: number;
  /** 0: HTTP/1.0, 1: HTTP/1.1, 2: HTTP/2. */
  readonly minor: 0 | 1 | 2;
  readonly keepAlive: boolean;
  readonly expectation: Expectation;
  /** Index of Upgrade in `head`; -1: none. */
  readonly upgradeField: number;
  /** `:protocol` of extended CONNECT (RFC 8441), which is told as the GET that it would be in HTTP/1.1; '' otherwise. */
  readonly protocol: string;
}

/** An answer's head and how its body comes. */
export interface AnswerSource {
  readonly head: FieldBlock;
  readonly body: { readonly kind: BodyKind };
  readonly connection: Readonly<ConnectionOptions>;
  readonly status: number;
  readonly switchesProtocol: boolean;
  /** Octets of `head.bytes`; -1: the version has no reason phrases. */
  readonly reasonStart: number;
  readonly reasonEnd: number;
  /** The end came with the head; versions that cannot tell leave it out. */
  readonly hasEnd?: boolean;
}

/** Holds slices of an answer's body that may be kept. */
export interface DownstreamStream extends OctetHolder {
  /** The answer at hand must be the connection's last one. */
  readonly mustClose: boolean;
  writeContinue(): void;
  /** Writes the answer's head; it may wait for `flushAnswer`. `source` undefined: an answer of our own. */
  writeHead(exchange: Exchange, source: AnswerSource | undefined): void;
  /** `shared`: the octets are valid during the call only. */
  writeBody(exchange: Exchange, bytes: Uint8Array, start: number, end: number, shared: boolean): void;
  /** One character an octet. */
  writeText(text: string): void;
  /** What was written goes out. False: there is no room for more. */
  flushAnswer(): boolean;
  writeEnd(exchange: Exchange, trailers: FieldBlock | undefined): void;
  /** Something moved: the stream is not idle. */
  touch(): void;
  /** How long the exchange at hand may take from now on, in ms; 0: as long as it likes. Instead of the connection manager's limit. */
  limitDuration(ms: number): void;
  stopReading(): void;
  readOn(): void;
  /** All of the announced content is here, its end is not: the rest must not go on before. */
  readonly awaitsEnd: boolean;
  /** The exchange is over; `keep`: the next request may follow. */
  exchangeEnded(keep: boolean): void;
  /** Cuts the answer so that it does not look complete. */
  reset(): void;
  destroy(): void;
  canonicalHost(): CanonicalHost;
  /** Path and query as sent. */
  sentTarget(): RequestTarget;
  /** The upstream switched protocols: raw octets from now on. */
  startTunnel(client: UpstreamClient): void;
  /** CONNECT is granted: the answer's head, then raw octets. */
  grantConnect(exchange: Exchange, upstream: Socket): void;
}
