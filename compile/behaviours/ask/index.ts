/**
 * Filters of a route that ask a service: ExternalAuth, and ExtensionRef to an Extension (Envoy: ext_authz, ext_proc). They stand in the
 * chain, asleep, and the routes that name them wake them; those of Extensions about services stand awake where requests arrive. What cannot
 * be asked is refused, unless its Extension says otherwise.
 */
import {
  nameOf,
  namespaceOf,
  parsePortKey,
  type AskRow,
  type ExtensionRow,
  type ProcessorRow,
} from '@weft/core/mesh-view';
import type {
  ExtAuthzFilter,
  ExtProcFilter,
  FilterChain,
  GrpcService,
  HttpConnectionManager,
  HttpFilter,
  Route,
  RouteAction,
} from '@weft/core/proxy-config';
import { unsupportedByEngine } from '../../findings.ts';
import { askFilter, JWT_METADATA, outboundName } from '../../names.ts';
import { authzService, exactly } from '../access/external.ts';
import type { Behaviour, InboundInput, RouteInput } from '../behaviour.ts';

/** Whom a rule asks. */
export interface AskedByRoute {
  readonly filter: string;
  readonly row: AskRow;
  /** Port key; undefined: the service is not there. */
  readonly port: string | undefined;
  readonly source: string;
}

export const ask: Behaviour = {
  name: 'ask',

  route(route: Route, { asks, rule, engine }: RouteInput): Route {
    const missing = rule?.filters.some(({ kind }) => kind === 'missing') === true;
    if (asks.length === 0 && !missing) return route;
    if (missing || engine === 'grpc' || asks.some(({ row, port }) => port === undefined && row.denies))
      return { ...route, action: NOBODY_TO_ASK };
    const overrides = asks
      .filter(({ port }) => port !== undefined)
      .map(({ filter }) => ({ filter: askFilter(filter), disabled: false, config: undefined }));
    return { ...route, filterOverrides: [...route.filterOverrides, ...overrides] };
  },

  inboundChain(chain: FilterChain, { processor }: InboundInput): FilterChain {
    const { terminal } = chain;
    if (processor === undefined || terminal.kind === 'tcp-proxy') return chain;
    const { manager } = terminal;
    const { row, port } = processor;
    if (port === undefined)
      return row.denies ? { ...chain, terminal: { ...terminal, manager: answering(manager, NOBODY_TO_ASK) } } : chain;
    const filter = { ...askingFilter(row.key, row, port), disabled: false };
    return {
      ...chain,
      terminal: { ...terminal, manager: { ...manager, httpFilters: [...manager.httpFilters, filter] } },
    };
  },

  unsupported({ engine, asks }: RouteInput) {
    return engine !== 'grpc'
      ? []
      : asks.map(({ source }) =>
          unsupportedByEngine('grpc', source, 'ask a service about requests', 'run the caller with `weft run`'),
        );
  },
};

/** Body of such an answer. */
export const FILTER_ABSENT = 'a filter of this route is not there\n';

const NOBODY_TO_ASK: RouteAction = {
  kind: 'direct-response',
  status: 500,
  body: { kind: 'inline', text: FILTER_ABSENT },
  bodyFormat: undefined,
};

/** Every route of an inbound chain gives that answer. */
function answering(manager: HttpConnectionManager, action: RouteAction): HttpConnectionManager {
  if (manager.routes.kind !== 'inline') return manager;
  const { configuration } = manager.routes;
  const virtualHosts = configuration.virtualHosts.map((host) => ({
    ...host,
    routes: host.routes.map((route) => ({ ...route, action })),
  }));
  return { ...manager, routes: { kind: 'inline', configuration: { ...configuration, virtualHosts } } };
}

/** Off unless a route switches it on. `port`: port key of the service. */
export const askingFilter = (filter: string, row: AskRow, port: string): HttpFilter => ({
  ...(row.kind === 'authorization' ? authorizing(row, port) : processing(row, port)),
  name: askFilter(filter),
  disabled: true,
});

const ALWAYS = { numerator: 100, denominator: 100 } as const;

const authorizing = (row: ExtensionRow, port: string): ExtAuthzFilter => ({
  kind: 'ext-authz',
  service: authzService(row, port),
  failureModeAllow: !row.denies,
  failureModeHeader: false,
  body: row.body === undefined ? undefined : { ...row.body, asBytes: false },
  clearRouteCache: false,
  statusOnError: 403,
  metadataNamespaces: [JWT_METADATA],
  enabled: ALWAYS,
  denyAtDisable: false,
  peerCertificate: false,
  tlsSession: false,
  statPrefix: '',
  allowedHeaders: row.requestHeaders?.map(exactly),
  disallowedHeaders: [],
  takesMetadata: false,
});

const processing = (row: ProcessorRow, port: string): ExtProcFilter => ({
  kind: 'ext-proc',
  service: grpcService(port),
  failureModeAllow: !row.denies,
  modes: { ...row.modes, requestTrailers: false, responseTrailers: false },
  messageTimeout: row.timeout,
  maxMessageTimeout: 0,
  statPrefix: '',
  allowModeOverride: row.overridesModes,
  allowedOverrideModes: [],
  mutationRules: undefined,
  requestAttributes: [],
  responseAttributes: [],
  disableImmediateResponse: false,
  routeCache: row.choosesAgain ? 'clear' : 'retain',
  statusOnError: 500,
  allowedHeaders: row.shownHeaders?.map(exactly),
  disallowedHeaders: [],
});

/** A stream lasts as long as its exchange: each message has a time of its own. */
function grpcService(key: string): GrpcService {
  const { service, port } = parsePortKey(key);
  const authority = `${nameOf(service)}.${namespaceOf(service)}:${port}`;
  return { cluster: outboundName(key), authority, timeout: undefined, initialMetadata: [], maxReceiveMessageLength: 0 };
}
