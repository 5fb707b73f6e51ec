/**
 * Names and attributes of spans by OpenTelemetry's semantic conventions for HTTP (https://opentelemetry.io/docs/specs/semconv/http/http-spans/) and
 * gRPC (https://opentelemetry.io/docs/specs/semconv/rpc/grpc/), as far as a proxy knows them. Names never hold what a caller may choose freely: a
 * method outside the list is `_OTHER`, a gRPC method that no server has is told beside the name. Queries may hold secrets and are left out.
 */
import { GRPC_CODES } from '@weft/core/kernel';
import type { RouteMatch } from '@weft/core/proxy-config';
import type { Exchange } from '../http/exchange.ts';
import { speaksHttp2 } from '../http2/alpn.ts';
import { formatResponseFlags } from '../response-flags.ts';
import type { Attribute } from './tags.ts';
import { isFault } from './tags.ts';

/** RFC 9110's, PATCH (RFC 5789) and QUERY. */
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE']);
const OTHER = '_OTHER';
/** Characters of what a caller chose. */
const MOST = 256;

const UNIMPLEMENTED = 12;
const codeOf = (status: number): string => GRPC_CODES[status] ?? String(status);

const RPC = /^\/([A-Za-z_][\w.]*\/[A-Za-z_]\w*)$/;

/** `package.Service/Method`; `_OTHER`: it looks like none, or the server has none of that name. */
function rpcMethod({ path, grpcStatus }: Exchange): string {
  const [, method] = path.length <= MOST && grpcStatus !== UNIMPLEMENTED ? (RPC.exec(path) ?? []) : [];
  return method ?? OTHER;
}

/** The template that a route matches by; '': it matches any path, or by none that a person would read. */
export function routeTemplate(path: RouteMatch['path'] | undefined): string {
  switch (path?.kind) {
    case 'exact':
      return path.value;
    case 'template':
      return path.template;
    case 'prefix':
    case 'path-separated-prefix': {
      const whole = path.value.replace(/\/+$/, '');
      return whole === '' ? '' : `${whole}/*`;
    }
    case 'regex':
    case 'connect':
    case undefined:
      return '';
  }
}

const templateOf = ({ plan }: Exchange): string => routeTemplate(plan?.compiled.route.match.path);

export function conventionName(exchange: Exchange): string {
  if (exchange.grpcClient) {
    const method = rpcMethod(exchange);
    return method === OTHER ? 'grpc' : method;
  }
  const method = METHODS.has(exchange.method) ? exchange.method : 'HTTP';
  const template = templateOf(exchange);
  return template === '' ? method : `${method} ${template}`;
}

/** Host and port of an authority or of an endpoint's address; port '' when it has none. */
export function hostAndPort(authority: string): readonly [host: string, port: string] {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(authority) ?? [];
  return [bracketed ?? plain ?? authority, port ?? ''];
}

const versionOf = (protocol: string): string => (protocol === 'HTTP/2' ? '2' : protocol.replace(/^HTTP\//, ''));

const upstreamVersion = ({ upstream, cluster, protocol }: Exchange): string => {
  const own = cluster?.config.protocol.kind;
  if (speaksHttp2(upstream?.alpn ?? '') || own === 'http2') return '2';
  return own === 'downstream' ? versionOf(protocol) : '1.1';
};

/** `client`: the span of what goes out. */
export function conventionTags(exchange: Exchange, client: boolean): Attribute[] {
  const { head, status, attempts } = exchange;
  const path = exchange.path.slice(0, MOST);
  const query = path.indexOf('?');
  const urlPath = query < 0 ? path : path.slice(0, query);
  const authority = exchange.authority.slice(0, MOST);
  const [host, port] = hostAndPort(authority);
  const known = METHODS.has(exchange.method);
  const tags: Attribute[] = [
    ['http.request.method', known ? exchange.method : OTHER],
    ['url.scheme', head.scheme],
    ['url.path', urlPath],
    ['server.address', host],
  ];
  if (!known) tags.push(['http.request.method_original', exchange.method.slice(0, MOST)]);
  if (port !== '') tags.push(['server.port', port]);
  if (status > 0) tags.push(['http.response.status_code', String(status)]);
  const template = templateOf(exchange);
  if (template !== '') tags.push([client ? 'url.template' : 'http.route', template]);
  if (client) {
    tags.push(['url.full', `${head.scheme}://${authority}${urlPath}`]);
    if (exchange.upstream !== undefined) tags.push(['network.protocol.version', upstreamVersion(exchange)]);
    if (exchange.endpoint !== undefined) pushPeer(tags, ...hostAndPort(exchange.endpoint.address));
    if (attempts > 1) tags.push(['http.request.resend_count', String(attempts - 1)]);
  } else {
    const peer = exchange.downstream.directRemote ?? exchange.downstream.remote;
    tags.push(['network.protocol.version', versionOf(exchange.protocol)]);
    pushPeer(tags, peer.ip, String(peer.port));
    const from = exchange.client.ip;
    if (from !== '') tags.push(['client.address', from]);
  }
  const agent = exchange.requestHeader('user-agent');
  if (agent !== undefined) tags.push(['user_agent.original', agent.slice(0, MOST)]);
  if (exchange.grpcClient) pushRpc(tags, exchange, urlPath);
  if (isFault(exchange)) tags.push(['error.type', errorType(exchange)]);
  return tags;
}

function pushPeer(tags: Attribute[], address: string, port: string): void {
  if (address === '') return;
  tags.push(['network.peer.address', address]);
  if (port !== '' && port !== '0') tags.push(['network.peer.port', port]);
}

function pushRpc(tags: Attribute[], exchange: Exchange, path: string): void {
  const method = rpcMethod(exchange);
  tags.push(['rpc.system.name', 'grpc'], ['rpc.method', method]);
  if (method === OTHER) tags.push(['rpc.method_original', path.slice(1)]);
  if (exchange.grpcStatus >= 0) tags.push(['rpc.response.status_code', codeOf(exchange.grpcStatus)]);
}

/** Of a handful of words each: a gRPC code, a status, the flags of a request that no answer came to. */
function errorType({ status, grpcClient, grpcStatus, flags }: Exchange): string {
  if (grpcClient && grpcStatus > 0) return codeOf(grpcStatus);
  if (status > 0) return String(status);
  return flags === 0 ? OTHER : formatResponseFlags(flags);
}
