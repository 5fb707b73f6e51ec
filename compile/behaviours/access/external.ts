/**
 * AccessPolicies with action EXTERNAL: of what their rules match an Extension is asked (Envoy: ext_authz). The rules are asked first and
 * refuse nothing; what they found is what the other filter is switched on by. What nobody can be asked about is refused.
 */
import { type ExtensionRow, nameOf, namespaceOf, parsePortKey, type WorkloadAccessRow } from '@weft/core/mesh-view';
import type { AuthzService, ExtAuthzFilter, HttpFilter, StringMatcher } from '@weft/core/proxy-config';
import { callRetries } from '../../defaults.ts';
import { JWT_METADATA, outboundName } from '../../names.ts';
import { policiesOf } from './policies.ts';

/** Whom a policy asks, by key of its Extension. `port`: port key; undefined: the service is not there. */
export type Providers = ReadonlyMap<string, { readonly row: ExtensionRow; readonly port: string | undefined }>;

const RBAC_METADATA = 'envoy.filters.http.rbac';

/** Policies that ask, and those of which the answer is known: nobody is there, or there are no requests to ask about. */
export interface Asked {
  readonly asked: readonly WorkloadAccessRow[];
  readonly refused: readonly WorkloadAccessRow[];
}

export function split(rows: readonly WorkloadAccessRow[], providers: Providers, isHttp: boolean): Asked {
  const asked: WorkloadAccessRow[] = [];
  const refused: WorkloadAccessRow[] = [];
  for (const row of rows) {
    if (row.action !== 'EXTERNAL') continue;
    const provider = providers.get(row.extension);
    if (isHttp && provider?.port !== undefined) asked.push(row);
    else if (!isHttp || provider?.row.denies !== false) refused.push({ ...row, action: 'DENY' });
  }
  return { asked, refused };
}

/** For each Extension the rules and the question. */
export function externalFilters(
  rows: readonly WorkloadAccessRow[],
  port: number,
  providers: Providers,
): readonly HttpFilter[] {
  const byExtension = Map.groupBy(rows, ({ extension }) => extension);
  return [...byExtension].flatMap(([extension, list]) => {
    const provider = providers.get(extension);
    if (provider?.port === undefined) return [];
    return [
      ...rulesOf(extension, list, port, true),
      ...rulesOf(extension, list, port, false).flatMap((rules) => [rules, question(provider.row, provider.port ?? '')]),
    ];
  });
}

function rulesOf(
  extension: string,
  list: readonly WorkloadAccessRow[],
  port: number,
  shadow: boolean,
): readonly HttpFilter[] {
  const policies = policiesOf(
    list.filter((row) => row.shadow === shadow),
    'DENY',
    { port, isHttp: true, about: 'everything' },
  );
  if (policies.length === 0) return [];
  return [
    {
      kind: 'rbac',
      name: `access/external/${extension}/${shadow ? 'shadow' : 'rules'}`,
      disabled: false,
      rules: undefined,
      shadowRules: { action: 'DENY', policies },
      statPrefix: '',
      shadowStatPrefix: shadow ? '' : prefixOf(extension),
      perRuleStats: false,
    },
  ];
}

const prefixOf = (extension: string): string => `external/${extension}/`;

function question(row: ExtensionRow, port: string): HttpFilter {
  const filter: ExtAuthzFilter = {
    kind: 'ext-authz',
    service: authzService(row, port),
    failureModeAllow: !row.denies,
    failureModeHeader: false,
    body: row.body === undefined ? undefined : { ...row.body, asBytes: false },
    clearRouteCache: false,
    statusOnError: 403,
    // Claims of tokens that were verified before.
    metadataNamespaces: [JWT_METADATA],
    enabled: { numerator: 100, denominator: 100 },
    enabledMetadata: {
      namespace: RBAC_METADATA,
      path: [`${prefixOf(row.key)}shadow_engine_result`],
      value: { kind: 'string', matcher: { kind: 'exact', value: 'denied', ignoreCase: false } },
      invert: false,
    },
    denyAtDisable: false,
    peerCertificate: false,
    tlsSession: false,
    statPrefix: row.key,
    allowedHeaders: row.requestHeaders?.map(exactly),
    disallowedHeaders: [],
    takesMetadata: false,
  };
  return { ...filter, name: `access/external/${row.key}`, disabled: false };
}

export function authzService(row: ExtensionRow, key: string): AuthzService {
  const { service, port } = parsePortKey(key);
  const authority = `${nameOf(service)}.${namespaceOf(service)}:${port}`;
  const cluster = outboundName(key);
  const { timeout } = row;
  if (row.protocol === 'grpc')
    return {
      kind: 'grpc',
      service: {
        cluster,
        authority,
        timeout,
        initialMetadata: [],
        maxReceiveMessageLength: 0,
        retries: callRetries(timeout),
      },
    };
  return {
    kind: 'http',
    service: { uri: `http://${authority}`, cluster, timeout },
    pathPrefix: row.pathPrefix,
    headers: [],
    toUpstream: row.upstreamHeaders.map(exactly),
    appendedToUpstream: [],
    toClient: row.downstreamHeaders.map(exactly),
    toClientOnSuccess: [],
    toMetadata: [],
  };
}

export const exactly = (value: string): StringMatcher => ({ kind: 'exact', value, ignoreCase: true });
