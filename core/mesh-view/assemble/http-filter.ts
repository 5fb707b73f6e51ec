/** HTTPRouteFilter as a row. A filter that Weft does not support makes its route rejected, never silently less than it says. */
import type { HTTPRouteFilter, PathModifier } from '../../resources/index.ts';
import type { HeaderChange, HttpFilterRow, PathChange } from '../rows.ts';
import { type Referrer, resolveBackend } from './backends.ts';
import { shareOf } from './share.ts';
import type { Fault } from './status.ts';

/** The route a filter belongs to, and where what is wrong with it goes. */
export interface FilterContext {
  readonly from: Referrer;
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
  context.rejections.push({
    reason: 'UnsupportedValue',
    path: `${path}.type`,
    message: `the filter ${filter.type} is not supported yet`,
    remedy: 'remove it',
  });
  return [];
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
