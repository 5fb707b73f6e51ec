/** HTTPRouteFilter as a row. A filter that Weft does not support makes its route rejected, never silently less than it says. */
import { type HTTPRouteFilter, type PathModifier, type RouteFilter, WEFT_GROUP } from '../../resources/index.ts';
import { objectKey, portKey } from '../keys.ts';
import type { AskRow, ExtensionRow } from '../policy-rows.ts';
import type { HeaderChange, HttpFilterRow, PathChange } from '../rows.ts';
import { type Referrer, resolveBackend } from './backends.ts';
import { isRouteFilter, routeFilterRows } from './route-filters.ts';
import { shareOf } from './share.ts';
import type { Fault } from './status.ts';

/** The route a filter belongs to, and where what is wrong with it goes. */
export interface FilterContext {
  readonly from: Referrer;
  /** By key. */
  readonly extensions: ReadonlyMap<string, AskRow>;
  readonly routeFilters: ReadonlyMap<string, RouteFilter>;
  /** `HTTPRoute/ns/name` */
  readonly source: string;
  readonly rejections: Fault[];
  readonly brokenRefs: Fault[];
}

/** Empty when the filter has no effect; `rejections` or `brokenRefs` then has the reason. */
export function filterRow(filter: HTTPRouteFilter, path: string, context: FilterContext): HttpFilterRow[] {
  const source = `${context.source}#${path}`;
  const { requestHeaderModifier, responseHeaderModifier, requestRedirect, urlRewrite } = filter;
  if (filter.type === 'RequestHeaderModifier' && requestHeaderModifier !== undefined) {
    return [{ kind: 'request-headers', change: headerChange(requestHeaderModifier), source }];
  }
  if (filter.type === 'ResponseHeaderModifier' && responseHeaderModifier !== undefined) {
    return [{ kind: 'response-headers', change: headerChange(responseHeaderModifier), source }];
  }
  if (filter.type === 'RequestRedirect' && requestRedirect !== undefined) {
    const { scheme, hostname, port, statusCode } = requestRedirect;
    return [
      {
        kind: 'redirect',
        scheme,
        hostname,
        port,
        path: pathChange(requestRedirect.path),
        status: redirectStatus(statusCode),
        source,
      },
    ];
  }
  if (filter.type === 'RequestMirror' && filter.requestMirror !== undefined) {
    return mirror(filter.requestMirror, path, source, context);
  }
  if (filter.type === 'CORS' && filter.cors !== undefined) {
    const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, allowCredentials, maxAge } = filter.cors;
    return [
      {
        kind: 'cors',
        origins: allowOrigins ?? [],
        methods: allowMethods ?? [],
        headers: allowHeaders ?? [],
        exposed: exposeHeaders ?? [],
        credentials: allowCredentials ?? false,
        maxAge,
        source,
      },
    ];
  }
  if (filter.type === 'URLRewrite' && urlRewrite !== undefined) {
    return [{ kind: 'rewrite', hostname: urlRewrite.hostname, path: pathChange(urlRewrite.path), source }];
  }
  if (isRouteFilter(filter.extensionRef)) return routeFilterRows(filter.extensionRef, path, context);
  // Whom a request goes to is not known yet where such a filter asks.
  if (path.includes('.backendRefs[')) {
    context.rejections.push({
      reason: 'UnsupportedValue',
      path: `${path}.type`,
      message: `the filter ${filter.type} is one of rules, not of a backend`,
      remedy: 'move it to the rule',
    });
    return [];
  }
  const asked =
    filter.extensionRef === undefined
      ? externalAuth(filter.externalAuth, path, source, context)
      : extension(filter.extensionRef, path, source, context);
  return [asked ?? { kind: 'missing', source }];
}

/** undefined: it is not there, which is told. */
function extension(
  { group, kind, name }: NonNullable<HTTPRouteFilter['extensionRef']>,
  path: string,
  source: string,
  { from, extensions, brokenRefs }: FilterContext,
): HttpFilterRow | undefined {
  const at = `${path}.extensionRef`;
  if (group !== WEFT_GROUP || kind !== 'Extension') {
    const message = `a ${kind} of the group ${group === '' ? '""' : group} is no filter`;
    brokenRefs.push({
      reason: 'InvalidKind',
      path: `${at}.kind`,
      message,
      remedy: 'refer to a weft.dev HTTPRouteFilter or Extension',
    });
    return undefined;
  }
  const key = objectKey(from.namespace, name);
  const asks = extensions.get(key);
  if (asks !== undefined) return { kind: 'ask', filter: key, asks, source };
  brokenRefs.push({
    reason: 'BackendNotFound',
    path: `${at}.name`,
    message: `there is no Extension ${name} in namespace ${from.namespace}: its requests are answered with 500`,
    remedy: 'create it, or correct the name',
  });
  return undefined;
}

const lower = (names: readonly string[] | undefined): readonly string[] =>
  (names ?? []).map((name) => name.toLowerCase());

/** ms */
const AUTH_TIMEOUT = 1000;

function externalAuth(
  auth: HTTPRouteFilter['externalAuth'],
  path: string,
  source: string,
  { from, brokenRefs }: FilterContext,
): HttpFilterRow | undefined {
  if (auth === undefined) return undefined;
  const at = `${path}.externalAuth.backendRef`;
  const resolved = resolveBackend(auth.backendRef, at, from);
  const speaks = auth.protocol === 'GRPC' ? ['grpc', 'http2'] : ['http', 'http2', 'grpc'];
  const protocol = resolved.ok
    ? from.services.get(resolved.service)?.ports.find(({ port }) => port === resolved.port)?.protocol
    : undefined;
  if (!resolved.ok || protocol === undefined || !speaks.includes(protocol)) {
    brokenRefs.push(
      resolved.ok
        ? {
            reason: 'UnsupportedProtocol',
            path: `${at}.port`,
            message: `${portKey(resolved.service, resolved.port)} carries ${protocol}`,
            remedy: `set \`appProtocol: ${auth.protocol.toLowerCase()}\` on it`,
          }
        : resolved.fault,
    );
    return undefined;
  }
  const { grpc, http, forwardBody } = auth;
  const maxBytes = forwardBody?.maxSize ?? 0;
  const shown = lower((grpc ?? http)?.allowedHeaders);
  const asks: ExtensionRow = {
    kind: 'authorization',
    key: source,
    protocol: auth.protocol === 'GRPC' ? 'grpc' : 'http',
    service: { service: resolved.service, port: resolved.port },
    pathPrefix: http?.path ?? '',
    timeout: AUTH_TIMEOUT,
    denies: true,
    body: maxBytes === 0 ? undefined : { maxBytes, partial: false },
    // Beside what is always shown (Envoy: host, method, path, length, authorization).
    requestHeaders: shown.length === 0 ? undefined : auth.protocol === 'GRPC' ? shown : ['authorization', ...shown],
    upstreamHeaders: lower(http?.allowedResponseHeaders),
    downstreamHeaders: [],
    source,
  };
  return { kind: 'ask', filter: source, asks, source };
}

/** A mirror that does not resolve copies nothing; the request itself goes its way (Gateway API, HTTPRequestMirrorFilter.backendRef). */
function mirror(
  { backendRef, percent, fraction }: NonNullable<HTTPRouteFilter['requestMirror']>,
  path: string,
  source: string,
  { from, brokenRefs }: FilterContext,
): HttpFilterRow[] {
  const resolved = resolveBackend(backendRef, `${path}.requestMirror.backendRef`, from);
  if (resolved.ok) {
    const { service, port } = resolved;
    return [{ kind: 'mirror', service, port, share: shareOf({ percent, fraction }), source }];
  }
  brokenRefs.push(resolved.fault);
  return [];
}

/** Of equivalent names the first entry counts (Gateway API, HTTPHeader.name). */
function headerChange(change: NonNullable<HTTPRouteFilter['requestHeaderModifier']>): HeaderChange {
  const first = (list: HeaderChange['set'] | undefined): HeaderChange['set'] => {
    const byKey = new Map<string, HeaderChange['set'][number]>();
    for (const { name, value } of list ?? []) {
      const key = name.toLowerCase();
      if (!byKey.has(key)) byKey.set(key, { name: key, value });
    }
    return [...byKey.values()];
  };
  return {
    set: first(change.set),
    add: first(change.add),
    remove: [...new Set((change.remove ?? []).map((name) => name.toLowerCase()))],
  };
}

function pathChange(path: PathModifier | undefined): PathChange | undefined {
  if (path === undefined) return undefined;
  return path.type === 'ReplaceFullPath'
    ? { kind: 'full', value: path.replaceFullPath ?? '/' }
    : { kind: 'prefix', value: path.replacePrefixMatch ?? '' };
}

function redirectStatus(code: number): 301 | 302 | 303 | 307 | 308 {
  switch (code) {
    case 301:
    case 303:
    case 307:
    case 308:
      return code;
    default:
      return 302;
  }
}
