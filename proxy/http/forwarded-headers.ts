/**
 * Headers by which proxies tell about the client (Envoy's HTTP connection manager): x-forwarded-for, -proto, -client-cert,
 * x-request-id, via, and the x-envoy-* ones that only a trusted peer may set. Runs before filters and routes, so they see the truth.
 */
import type { ClientAddress } from '@weft/core/decide';
import { type IpAddress, parseIp, unmapIpv4 } from '@weft/core/kernel';
import { EDGE_HEADERS, type ForwardClientCert, type HttpConnectionManager } from '@weft/core/proxy-config';
import { type FieldBlock, type HeaderName, KNOWN } from '@weft/wire/http1';
import type { DownstreamConnection, PeerIdentity } from '../ports.ts';
import { headerText, preparedName } from './header-edit.ts';
import type { InternalAddresses } from './internal-addresses.ts';
import type { RequestHead } from './request-head.ts';
import { requestId } from './request-id.ts';

const name = (text: keyof typeof KNOWN): HeaderName => preparedName(text) as HeaderName;
const FORWARDED_FOR = name('x-forwarded-for');
const FORWARDED_PROTO = name('x-forwarded-proto');
const EXTERNAL_ADDRESS = name('x-envoy-external-address');
const INTERNAL = name('x-envoy-internal');
const REQUEST_ID = name('x-request-id');

/** Believed from internal peers only. */
const NEVER = [
  'x-envoy-internal',
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-force-trace',
  'x-envoy-ip-tags',
  'x-envoy-original-url',
  'x-envoy-upstream-alt-stat-name',
] as const;

const group = (names: readonly (keyof typeof KNOWN)[]): Uint8Array => {
  const members = new Uint8Array(256);
  for (const name of names) members[KNOWN[name]] = 1;
  return members;
};
const NEVER_KNOWN = group(NEVER);
const EDGE_KNOWN = group([...NEVER, ...EDGE_HEADERS]);

export function applyForwardedHeaders(
  head: RequestHead,
  connection: DownstreamConnection,
  manager: HttpConnectionManager,
  internal: InternalAddresses | undefined,
  client: ClientAddress,
): void {
  const { edit } = head;
  const fields = edit.fields as FieldBlock;
  head.internal = internal !== undefined && internal.includes(head, connection, manager);
  if (head.internal) fields.dropKnown(KNOWN['x-envoy-internal']);
  else dropMembers(fields, manager.useRemoteAddress ? EDGE_KNOWN : NEVER_KNOWN);
  const secure = connection.peer !== undefined;
  const own = secure ? 'https' : 'http';
  const forwardedFor = fields.findKnown(KNOWN['x-forwarded-for']);
  const hops = manager.xffNumTrustedHops;
  head.remoteIp = connection.remote.address;
  let protocol = fields.known1(KNOWN['x-forwarded-proto']);
  if (manager.useRemoteAddress) {
    if (hops > 0) head.remoteIp = client.of(edit.get('x-forwarded-for'), connection.remote.address);
    else protocol = undefined;
    if (!manager.skipXffAppend && connection.remote.ip !== '') {
      const before = forwardedFor < 0 ? undefined : edit.get('x-forwarded-for');
      edit.setPrepared(
        FORWARDED_FOR,
        before === undefined ? connection.remote.ip : `${before},${connection.remote.ip}`,
      );
    }
    if (hops === 0 && !head.internal && connection.remote.ip !== '')
      edit.setPrepared(EXTERNAL_ADDRESS, connection.remote.ip);
  } else if (manager.clientHeader !== undefined) {
    head.remoteIp = addressIn(edit.value(manager.clientHeader.name, 0)) ?? connection.remote.address;
  } else {
    const list = forwardedFor < 0 ? undefined : edit.get('x-forwarded-for');
    head.remoteIp = client.of(list, connection.remote.address);
    if (manager.forwardedFor?.append === true && connection.remote.ip !== '')
      edit.set('x-forwarded-for', list === undefined ? connection.remote.ip : `${list},${connection.remote.ip}`);
  }
  if (manager.schemeToOverwrite !== undefined) {
    protocol = manager.schemeToOverwrite;
    edit.setPrepared(FORWARDED_PROTO, protocol);
  } else if (protocol !== 'http' && protocol !== 'https') {
    protocol = own;
    edit.setPrepared(FORWARDED_PROTO, own);
  }
  head.scheme = protocol;
  if (head.internal) edit.setPrepared(INTERNAL, 'true');
  if (manager.appendXForwardedPort) tellPort(head, connection, fields, manager);
  if (manager.via !== '') edit.add('via', manager.via);
  if (manager.generateRequestId) {
    const keep = !manager.useRemoteAddress || manager.preserveExternalRequestId;
    if (!keep || fields.findKnown(KNOWN['x-request-id']) < 0) edit.setPrepared(REQUEST_ID, requestId());
  }
  applyClientCertificate(head, connection.peer, fields, manager.forwardClientCert);
}

/** A port that came in x-forwarded-port is believed from peers inside only, or behind trusted hops. */
function tellPort(
  { edit }: RequestHead,
  { local }: DownstreamConnection,
  fields: FieldBlock,
  { useRemoteAddress, xffNumTrustedHops }: HttpConnectionManager,
): void {
  if (local.ip === '') return;
  const trusted = (!useRemoteAddress || xffNumTrustedHops > 0) && headerText(fields, 'x-forwarded-port') !== '';
  if (!trusted) edit.set('x-forwarded-port', String(local.port));
}

function dropMembers(fields: FieldBlock, members: Uint8Array): void {
  for (let index = 0; index < fields.count; index += 1) if (members[fields.known(index)] === 1) fields.drop(index);
}

export function addressIn(text: string | undefined): IpAddress | undefined {
  const address = text === undefined ? undefined : parseIp(text);
  return address === undefined ? undefined : unmapIpv4(address);
}

/** x-forwarded-client-cert; anything but a verified certificate counts as none. */
function applyClientCertificate(
  head: RequestHead,
  peer: PeerIdentity | undefined,
  fields: FieldBlock,
  setting: ForwardClientCert,
): void {
  if (setting.details === 'always-forward-only') return;
  const present = fields.findKnown(KNOWN['x-forwarded-client-cert']) >= 0;
  if (setting.details === 'sanitize' || peer?.verified !== true) {
    if (present) fields.dropKnown(KNOWN['x-forwarded-client-cert']);
    return;
  }
  if (setting.details === 'forward-only') return;
  const before = setting.details === 'append-forward' && present ? head.edit.get('x-forwarded-client-cert') : undefined;
  const element = describe(peer, setting);
  head.edit.set('x-forwarded-client-cert', before === undefined ? element : `${before},${element}`);
}

function describe(peer: PeerIdentity, setting: ForwardClientCert): string {
  const parts: string[] = [];
  if (peer.localUriSan !== '') parts.push(`By=${peer.localUriSan}`);
  if (peer.sha256 !== '') parts.push(`Hash=${peer.sha256}`);
  if (setting.cert) parts.push(`Cert="${encodeURIComponent(peer.certificatePem())}"`);
  if (setting.subject) parts.push(`Subject="${peer.subject.replace(/["\\]/g, '\\$&')}"`);
  if (setting.uri) parts.push(peer.uriSans.length === 0 ? 'URI=' : peer.uriSans.map((name) => `URI=${name}`).join(';'));
  if (setting.dns) for (const name of peer.dnsSans) parts.push(`DNS=${name}`);
  return parts.join(';');
}
