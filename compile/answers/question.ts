/** What is asked: may this caller reach that service with that request? In values, before anything is compiled. */
import { parseIp, type IpAddress } from '@weft/core/kernel';
import type { ConnectionView, RequestView } from '@weft/core/decide';
import { canonicalHost, canonicalPath, ClientAddress } from '@weft/core/decide';
import type { HttpConnectionManager, MetadataStruct } from '@weft/core/proxy-config';

export type Caller =
  /** A workload of the mesh, by the key `namespace/name`. */
  | { readonly kind: 'workload'; readonly key: string }
  /**
   * Somebody without a proxy. `identity`: of the certificate that it shows where a Gateway asks for one, taken as of an authority that the
   * Gateway trusts; '' in one without a SPIFFE ID. `client`: whom a Gateway took the request for; absent: as x-forwarded-for says, if believed.
   */
  | { readonly kind: 'outside'; readonly address: IpAddress; readonly client?: IpAddress; readonly identity?: string };

export interface Question {
  readonly from: Caller;
  /** Key of the service; of a Gateway where `gateway` is true. */
  readonly to: string;
  /** It enters the mesh there. Default false. */
  readonly gateway?: boolean;
  /** One of its ports; undefined: its only one. */
  readonly port: number | undefined;
  readonly request: StatedRequest;
  /** At a Gateway: of its TLS, '' none; absent: the host that it asks for. */
  readonly serverName?: string;
  /** Straight to the workloads behind the service, as a caller may that goes around the routes of its own proxy. Default false. */
  readonly direct?: boolean;
  /** With `direct`, of a workload: it came by a load balancer, where ports take PROXY headers. Default false. */
  readonly balanced?: boolean;
}

export interface StatedRequest {
  readonly method: string;
  /** With its query, as it is sent; begins with `/`. */
  readonly path: string;
  /** In order; names in lower case. A `host` header is the authority. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  /** Claims of its token, taken as signed and in time; undefined: it carries none. */
  readonly claims?: MetadataStruct;
}

export const GET_ROOT: StatedRequest = { method: 'GET', path: '/', headers: [] };

/** The connection that a proxy sees: who is proved to be at its other end. */
export const connectionOf = (options: {
  readonly identity: string | undefined;
  readonly address: IpAddress | undefined;
  /** Who tells `address` by a PROXY header; absent: nobody, it is the other end's. */
  readonly through?: IpAddress | undefined;
  readonly port: number;
  readonly serverName: string;
}): ConnectionView => ({
  destinationIp: undefined,
  destinationPort: options.port,
  directRemoteIp: options.through ?? options.address,
  sourceIp: options.address,
  serverName: options.serverName,
  peer:
    options.identity === undefined
      ? undefined
      : { uriSans: options.identity === '' ? [] : [options.identity], dnsSans: [], subject: '' },
  presentedCertificate: options.identity !== undefined,
});

export const LOOPBACK: IpAddress | undefined = parseIp('127.0.0.1');

/** The canonical view that a connection manager has of the request; undefined: it answers 400 to such a path. `client`: whom it took it for, where that is known. */
export function requestView(
  request: StatedRequest,
  host: string,
  connection: ConnectionView,
  manager: HttpConnectionManager,
  client?: IpAddress,
): RequestView | undefined {
  const mark = request.path.indexOf('?');
  const canonical = canonicalPath(mark < 0 ? request.path : request.path.slice(0, mark), manager);
  if (canonical.kind === 'refused') return undefined;
  const values = new Map<string, string[]>();
  for (const { name, value } of request.headers) {
    const list = values.get(name);
    if (list === undefined) values.set(name, [value]);
    else list.push(value);
  }
  const authority = values.get('host')?.[0] ?? host;
  values.set('host', [authority]);
  return {
    ...connection,
    method: request.method,
    host: canonicalHost(authority, manager, connection.destinationPort),
    path: canonical.path,
    query: mark < 0 ? undefined : request.path.slice(mark + 1),
    remoteIp: client ?? new ClientAddress(manager).of(values.get('x-forwarded-for')?.join(','), connection.sourceIp),
    scheme: connection.peer === undefined ? 'http' : 'https',
    header: (name) => values.get(name)?.join(','),
    headerValue: (name, index) => values.get(name)?.[index],
  };
}

/** Of the range that is documentation's own (RFC 5737): it stands for everybody outside. */
export const OUTSIDER: Caller | undefined = (() => {
  const address = parseIp('203.0.113.1');
  return address === undefined ? undefined : { kind: 'outside', address };
})();
