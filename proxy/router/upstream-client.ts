/** What the router needs of a connection to an endpoint, or of a stream on one, and of the pool that has them. */
import { type BodyReader, type ByteWriter, type Step, STEP_BODY, STEP_END } from '@weft/wire/http1';
import type { ConnectError, ExchangeError } from '../errors.ts';
import type { Exchange } from '../http/exchange.ts';
import type { HeaderEdit } from '../http/header-edit.ts';
import type { AnswerSource, RequestSource } from '../http/stream.ts';
import type { TunnelSide } from '../http/tunnel-side.ts';
import type { BreakerPriority, EndpointPool, EndpointRuntime, OctetHolder, UpstreamConnection } from '../ports.ts';
import type { RequestBody } from './request-body.ts';

/** Pulled by the try: each `next` gives one step. */
export interface AnswerReader extends AnswerSource {
  next(): Step;
  readonly body: Pick<BodyReader, 'kind' | 'sliceStart' | 'sliceEnd' | 'trailers'>;
  /** What body slices are ranges of. */
  readonly bytes: Uint8Array;
  readonly isInterim: boolean;
  readonly keepAlive: boolean;
  /** Octets behind the answer that nobody asked for. */
  readonly buffered: number;
}

/** With its connection, by a reset of the peer's, by one that says no application has seen the request, by a fault of the peer's, or before it began, as the peer takes no extended CONNECT. */
export type UpstreamEnd = 'closed' | 'reset' | 'refused' | 'fault' | 'no-tunnels';

/** What each end means for an exchange without a whole answer. */
export const END_ERRORS: Readonly<Record<UpstreamEnd, ExchangeError>> = {
  closed: 'upstream-closed',
  reset: 'upstream-reset',
  refused: 'upstream-reset',
  fault: 'upstream-protocol-error',
  'no-tunnels': 'upgrade-not-allowed',
};

/** The try that a client works for; it holds slices of what arrived as long as they are still to be written. */
export interface ResponseTarget extends OctetHolder {
  /** Something came: pull the steps of `client.reader`. */
  responseArrived(client: UpstreamClient): void;
  /** It ended; `complete`: that was the end of the body. The client is gone already. */
  upstreamClosed(client: UpstreamClient, complete: boolean, how: UpstreamEnd): void;
  /** What was written has left: more may be written. */
  upstreamDrained(): void;
}

/** What a client sends the head of: an exchange's request, or a call of the engine's own. */
export interface OutgoingRequest {
  readonly head: {
    readonly method: string;
    readonly scheme: string;
    readonly host: string;
    /** With the letters that it was sent in; absent: `host`. */
    readonly spelledHost?: string;
    readonly edit: HeaderEdit;
  };
  /** Undefined: the octets of `reader`. */
  readonly target: string | undefined;
  /** Wanted, lower case; '' none. */
  readonly upgrade: string;
  readonly reader: Pick<RequestSource, 'head' | 'pathStart' | 'pathEnd' | 'form' | 'minor'>;
  readonly context: { readonly upstreamOut: ByteWriter };
}

export interface UpstreamClient {
  readonly connection: UpstreamConnection;
  readonly endpoint: EndpointRuntime;
  readonly reader: AnswerReader;
  /** The try at work; undefined: idle. */
  target: ResponseTarget | undefined;
  /** The octets of the answer's head are valid only until `responseArrived` returns. */
  readonly headIsShared: boolean;
  /** Slices of the body may be kept all the same: whoever keeps them says so by `holdsBytes`. */
  readonly bodyMayStay: boolean;
  /** Exchanges begun on the connection. */
  readonly served: number;
  begin(target: ResponseTarget, method: string): void;
  /** The head as the request has it now; it may leave together with the body. */
  sendHead(request: OutgoingRequest, chunked: boolean): void;
  /** What has arrived of the body. False: there is no room for more. */
  sendBody(request: OutgoingRequest, body: RequestBody): boolean;
  pauseReading(): void;
  resumeReading(): void;
  destroy(): void;
  /** The protocol is switched: what is below becomes a tunnel's, and nothing of this object stays. */
  tunnelSide(): TunnelSide;
}

/** An exchange that waits for a connection. Exactly one of the two is called, unless it stops waiting before. */
export interface PoolWaiter {
  clientReady(client: UpstreamClient): void;
  clientFailed(error: ConnectError, detail: string): void;
}

export interface UpstreamPool extends EndpointPool {
  /** One that can be used now; undefined: `wait`. */
  take(): UpstreamClient | undefined;
  wait(waiter: PoolWaiter, priority: BreakerPriority): void;
  stopWaiting(waiter: PoolWaiter): void;
  /** An exchange may come soon: a connection is begun where there is no room for `ratio` times what is there. */
  expect(ratio: number, priority: BreakerPriority): void;
  /** An exchange is over on `client`, which may serve another. */
  release(client: UpstreamClient): void;
  /** One idle connection turned out to be closed: the others of its age are not worth a try. */
  dropIdle(): void;
}

/** Reads an answer that is not wanted to its end, if that is here already: then the connection can serve again. */
export function passedOver({ reader }: UpstreamClient, request: RequestBody): boolean {
  if (!reader.keepAlive || !request.fullySent) return false;
  let step = reader.next();
  while (step === STEP_BODY) step = reader.next();
  return step === STEP_END && reader.buffered === 0;
}

/** Success without a switch means nothing was switched, but to a client of extended CONNECT any 2xx says that it was. */
export const grantsByAccident = ({ reader }: Exchange, { status, switchesProtocol }: AnswerReader): boolean =>
  reader.protocol !== '' && !switchesProtocol && status >= 200 && status < 300;
