/** What a service is told of a request (envoy.service.auth.v3.AttributeContext). */
import type { MetadataStruct } from '@weft/core/proxy-config';
import type { CheckPeer, CheckQuestion } from '@weft/core/services';
import type { Exchange } from '../../http/exchange.ts';
import type { DownstreamConnection, SocketEnd } from '../../ports.ts';
import type { AuthzSetting } from './setting.ts';

/** Said of a body: whether it is only a beginning. */
const PARTIAL = 'x-envoy-auth-partial-body';
const CALLER = 'x-envoy-downstream-service-cluster';

/** `body` undefined: none is shown. */
export function questionOf(
  exchange: Exchange,
  { row, headers, context, body: setting }: AuthzSetting,
  body: Uint8Array | undefined,
  partial: boolean,
): CheckQuestion {
  const { head, downstream } = exchange;
  const path = exchange.requestHeader(':path') ?? '';
  return {
    source: source(exchange, row.peerCertificate),
    destination: peer(downstream.local, downstream.peer?.localUriSan ?? ''),
    time: exchange.startWall,
    id: `${downstream.id}-${exchange.startedAt}`,
    method: head.method,
    path,
    host: head.host,
    scheme: head.scheme,
    protocol: exchange.protocol,
    headers: shown(exchange, path, headers, body === undefined ? undefined : String(partial)),
    size: exchange.bytesReceived,
    body,
    bodyAsBytes: setting?.asBytes === true,
    contextExtensions: context,
    metadata: metadata(exchange, row.metadataNamespaces),
    serverName: row.tlsSession && downstream.peer !== undefined ? downstream.serverName : undefined,
  };
}

function shown(
  exchange: Exchange,
  path: string,
  choice: AuthzSetting['headers'],
  partial: string | undefined,
): [string, string][] {
  const { head } = exchange;
  const all = new Map<string, string>([
    [':method', head.method],
    [':path', path],
    [':authority', head.host],
    [':scheme', head.scheme],
  ]);
  head.edit.each((name, value) => {
    if (name === 'host') return;
    const present = all.get(name);
    all.set(name, present === undefined ? value : `${present},${value}`);
  });
  const pairs = [...all].filter(([name]) => choice.takes(name));
  if (partial !== undefined) pairs.push([PARTIAL, partial]);
  return pairs;
}

function source({ downstream, head }: Exchange, withCertificate: boolean): CheckPeer {
  const { peer: identity, remote } = downstream;
  return {
    ...peer(remote, principal(identity)),
    service: head.edit.get(CALLER) ?? '',
    certificate: withCertificate && identity?.presented === true ? encodeURIComponent(identity.certificatePem()) : '',
  };
}

const principal = (identity: DownstreamConnection['peer']): string =>
  identity?.uriSans[0] ?? identity?.dnsSans[0] ?? identity?.subject ?? '';

const peer = ({ ip, port, address }: SocketEnd, name: string): CheckPeer => ({
  address: address === undefined ? undefined : { ip, port },
  principal: name,
  service: '',
  certificate: '',
});

function metadata({ head }: Exchange, namespaces: readonly string[]): ReadonlyMap<string, MetadataStruct> {
  const told = new Map<string, MetadataStruct>();
  for (const namespace of namespaces) {
    const value = head.metadata?.get(namespace);
    if (value !== undefined) told.set(namespace, value);
  }
  return told;
}
