/** An entry of an engine's access log as a tap shows it: the same words as our own engine's. */
import type { EndpointWorkload } from '@weft/core/proxy-config';
import type { LogEntry } from '@weft/core/services';
import { shownHeader, shownPath, shownText, TAP_HEADERS, type Entered, type TapRecord } from '@weft/core/tap';
import { endpointParty, partyOf, serviceOf } from '@weft/core/traffic';

export function tapRecordOf(
  entry: LogEntry,
  side: 'inbound' | 'outbound' | 'gateway',
  workload: EndpointWorkload | undefined,
  grpc: number,
  weight: number,
): TapRecord {
  const outbound = side !== 'inbound';
  const caller = entry.tls?.peerUriSans[0] ?? '';
  const other = outbound ? endpointParty(workload, '') : partyOf(caller);
  const service = serviceOf(entry.upstreamCluster, undefined);
  const { http } = entry;
  const { upstreamRemote: remote } = entry;
  const address = outbound ? (remote === undefined ? '' : `${remote.ip}:${remote.port}`) : (entry.client?.ip ?? '');
  return {
    at: Math.round(entry.start),
    kind: http === undefined ? 'tcp' : 'http',
    direction: outbound ? 'outbound' : 'inbound',
    port: entry.local?.port ?? 0,
    peer: shownText(other.workload === '' ? address : `${other.namespace}/${other.workload}`),
    identity: shownText(other.identity),
    secured: outbound ? workload?.transport === 'mtls' : caller !== '',
    service: outbound
      ? shownText(service.namespace === '' ? service.name : `${service.namespace}/${service.name}`)
      : '',
    route: shownText(entry.routeName),
    method: shownText(http?.method ?? ''),
    authority: shownText(http?.authority ?? ''),
    path: shownPath(http === undefined ? '' : http.originalPath === '' ? http.path : http.originalPath),
    protocol: http?.protocol ?? '',
    status: http?.status ?? 0,
    grpc,
    flags: entry.flags.join(','),
    details: shownText(http?.details ?? entry.terminationDetails),
    duration: Math.max(entry.duration, 0),
    requestBytes: entry.bytesReceived,
    responseBytes: entry.bytesSent,
    attempts: entry.attempts,
    requestId: shownText(http?.requestId ?? ''),
    weight,
    headers: (http?.requestHeaders ?? []).slice(0, TAP_HEADERS).map(([name, value]) => shownHeader(name, value)),
    ...(side === 'gateway' ? { entered: enteredOf(entry, caller) } : {}),
  };
}

const enteredOf = ({ client, directClient, tls, serverName }: LogEntry, identity: string): Entered => ({
  address: directClient?.ip ?? client?.ip ?? '',
  client: client?.ip ?? '',
  certificate: identity !== '' || (tls?.peerSubject ?? '') !== '',
  identity: shownText(identity.startsWith('spiffe://') ? identity : ''),
  serverName: shownText(serverName),
});
