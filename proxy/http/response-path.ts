/**
 * The response's direction, top to bottom: from an upstream's head to the bytes for the client. The body follows as it comes
 * (`Exchange.responseBody`).
 */
import {
  BODY_CHUNKED,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  type ByteWriter,
  dropHopByHop,
  KNOWN,
  reasonOf,
} from '@weft/wire/http1';
import { speaksHttp2 } from '../http2/alpn.ts';
import type { ClusterRuntime } from '../ports.ts';
import { applyMutations } from '../router/header-mutations.ts';
import type { Exchange } from './exchange.ts';
import type { AnswerSource } from './stream.ts';
import { completeWebSocketAnswer } from './websocket.ts';

/** What the router does with an upstream's head; filters come next, and then the connection manager's own headers. */
export function runResponsePath(exchange: Exchange, reader: AnswerSource, serviceTimeMs: number): void {
  sanitise(exchange, reader);
  if (exchange.newCookies.length > 0)
    for (const cookie of exchange.newCookies) exchange.response.add('set-cookie', cookie);
  exchange.response.fields?.dropKnown(KNOWN['x-envoy-upstream-service-time']);
  if (!exchange.context.manager.router.suppressEnvoyHeaders)
    exchange.response.add('x-envoy-upstream-service-time', String(Math.floor(serviceTimeMs)));
  mutate(exchange);
}

/** The head of an upstream's answer as HTTP/1.1. */
export function writeAnswerHead(exchange: Exchange, reader: AnswerSource, out: ByteWriter): void {
  frame(exchange, reader);
  writeStatus(exchange, reader, out);
  writeHead(exchange, out);
}

function sanitise(exchange: Exchange, reader: AnswerSource): void {
  const { response } = exchange;
  response.reset(reader.head);
  if (reader.switchesProtocol) {
    exchange.responseUpgrade = response.get('upgrade') ?? exchange.upgrade;
    dropHopByHop(reader.head, false);
    reader.head.dropKnown(KNOWN['content-length']);
    completeWebSocketAnswer(exchange);
  } else if (reader.connection.nominates || mayCarryHopByHop(reader))
    dropHopByHop(reader.head, reader.connection.nominates);
  // A 204 or 1xx has no content (RFC 9110, 8.6): a length there would make the client wait.
  if (reader.status === 204 || reader.status < 200) reader.head.dropKnown(KNOWN['content-length']);
}

/** The cheap question before the walk: most answers carry none of these. */
function mayCarryHopByHop(reader: AnswerSource): boolean {
  const { head } = reader;
  for (let index = 0; index < head.count; index += 1) {
    const known = head.known(index);
    if (known !== 0 && known <= KNOWN['http2-settings']) return true;
  }
  return false;
}

/** `server`, `date`, `via` as Envoy's connection manager sets them. */
export function addOwnHeaders(exchange: Exchange): void {
  exchange.trace?.answered(exchange);
  const { response } = exchange;
  const { manager, date } = exchange.context;
  const { fields } = response;
  const absent = (known: number): boolean => fields === undefined || fields.findKnown(known) < 0;
  if (manager.serverHeaderTransformation === 'overwrite') {
    fields?.dropKnown(KNOWN.server);
    response.add('server', manager.serverName);
  } else if (manager.serverHeaderTransformation === 'append-if-absent' && absent(KNOWN.server))
    response.add('server', manager.serverName);
  if (absent(KNOWN.date)) response.add('date', date.text());
  if (manager.via !== '') response.add('via', manager.via);
  if (manager.alwaysSetRequestIdInResponse) {
    const id = exchange.head.header('x-request-id');
    if (id !== undefined) response.set('x-request-id', id);
  }
}

/** The route's header changes, most specific first unless configured otherwise; also on answers of our own. */
export function mutate(exchange: Exchange): void {
  const { plan, response } = exchange;
  if (plan === undefined) return;
  if (plan.compiled.virtualHost.includeAttemptCountInResponse && exchange.attempts > 0) {
    response.set('x-envoy-attempt-count', String(exchange.attempts));
  }
  if (exchange.weighted !== undefined)
    for (const step of exchange.weighted.response) applyMutations(step, response, exchange);
  for (const step of plan.response) applyMutations(step, response, exchange);
}

/** How the client will know where the body ends. */
function frame(exchange: Exchange, reader: AnswerSource): void {
  const kind = exchange.answerBody;
  exchange.chunkedOut = false;
  // What the client sent for the tunnel it asked for is no request: the connection ends with this answer.
  if (exchange.wantsTunnel && !reader.switchesProtocol) exchange.closeAfter = true;
  if (kind === BODY_NONE || reader.switchesProtocol) return;
  // A filter that changes the body has taken its length away.
  if (kind !== BODY_CHUNKED && kind !== BODY_UNTIL_CLOSE && exchange.bodyFilter?.changesAnswer !== true) return;
  if (exchange.reader.minor === 1) exchange.chunkedOut = true;
  else exchange.closeAfter = true;
}

function writeStatus(exchange: Exchange, reader: AnswerSource, out: ByteWriter): void {
  const { status } = exchange;
  out.text('HTTP/1.1 ');
  out.decimal(status);
  out.text(' ');
  if (reader.reasonStart < 0 || exchange.headWasLate) out.text(reasonOf(status));
  else out.octets(reader.head.bytes, reader.reasonStart, reader.reasonEnd);
  out.crlf();
}

/** Fields, framing and connection, and the empty line. */
export function writeHead(exchange: Exchange, out: ByteWriter): void {
  exchange.response.write(out);
  if (exchange.chunkedOut) out.text('transfer-encoding: chunked\r\n');
  if (exchange.responseUpgrade !== '') {
    out.text('connection: Upgrade\r\n');
    out.field('upgrade', exchange.responseUpgrade);
  } else if (exchange.shouldClose()) out.text('connection: close\r\n');
  else if (exchange.reader.minor === 0) out.text('connection: keep-alive\r\n');
  out.crlf();
}

/** Whether trailers go through: both sides must say so, as in Envoy. */
export function passesTrailers(exchange: Exchange, cluster: ClusterRuntime): boolean {
  return clientTrailers(exchange) && upstreamTrailers(exchange, cluster);
}

/** Whether the client's side has trailers. */
export const clientTrailers = ({ reader, context }: Exchange): boolean =>
  reader.minor === 2 || context.manager.http1.enableTrailers;

/** Whether the upstream's side has. */
export const upstreamTrailers = ({ router }: Exchange, { config: { protocol } }: ClusterRuntime): boolean =>
  (protocol.kind === 'auto' && speaksHttp2(router.connection?.alpn ?? '')) ||
  !('enableTrailers' in protocol) ||
  protocol.enableTrailers;
