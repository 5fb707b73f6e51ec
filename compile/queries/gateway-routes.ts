/**
 * The route tables of a gateway. Listeners of HTTP on one port share a table: a request belongs to the listener with the most specific host
 * name, and gets 404 where no route of that listener takes it (Gateway API, HTTPRoute listener isolation). A listener of HTTPS has a table of
 * its own, since the server name chose it; a host that is another listener's on that port gets 421, so that a client which reuses connections
 * comes again by the right name (GEP-3567).
 */
import {
  byName,
  isWider,
  meetsEntrance,
  ONLY,
  portKey,
  targetKey,
  type GatewayListenerRow,
  type HttpEntryRow,
} from '@weft/core/mesh-view';
import {
  type DirectResponseAction,
  type FilterOverride,
  NO_TEXT,
  type Route,
  type RouteConfiguration,
  type VirtualHost,
} from '@weft/core/proxy-config';
import type { RouteInput } from '../behaviours/index.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { gatewayRoutesName } from '../names.ts';
import type { EngineName } from '../profiles.ts';
import { mergeConf } from './conf.ts';
import { expanded } from './expanded.ts';
import { edgeFilters, edgeHost } from './gateway-policies.ts';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';
import { NO_ANSWERS_OF_OTHERS } from './own-answers.ts';
import { portInput } from './port.ts';
import { routeMatch } from './route-match.ts';
import { ANY, routeConfiguration, routeInput, routeOf, virtualHost } from './routes.ts';

export interface GatewayOf {
  /** Key of the Gateway. */
  readonly gateway: string;
  readonly engine: EngineName;
}

export const gatewayKey = ({ gateway, engine }: GatewayOf): string => `${engine} ${gateway}`;

/** Listeners that share a route table, and its name. */
export interface RouteGroup {
  readonly name: string;
  readonly listeners: readonly GatewayListenerRow[];
}

export function routeGroups(gateway: string, listeners: readonly GatewayListenerRow[]): readonly RouteGroup[] {
  const byPort = Map.groupBy(
    listeners.filter(({ protocol }) => protocol === 'http'),
    ({ port }) => port,
  );
  return [
    ...[...byPort].map(([port, list]) => ({ name: gatewayRoutesName(`${gateway}/${port}`), listeners: list })),
    ...listeners
      .filter(({ protocol }) => protocol === 'https')
      .map((listener) => ({ name: gatewayRoutesName(listener.key), listeners: [listener] })),
  ];
}

export const gatewayRoutes: Query<GatewayOf, readonly RouteConfiguration[]> = {
  name: 'gateway-routes',
  keyOf: gatewayKey,
  compute(context, of) {
    const listeners = context.read('gateway', of.gateway)?.listeners ?? [];
    return routeGroups(of.gateway, listeners).map(({ name, listeners: group }) => ({
      ...routeConfiguration(
        name,
        group.flatMap((listener) => {
          const beside = besides(listener, listeners);
          return [
            ...hostsOf(context, of, listener, { group, beside }),
            ...(listener.protocol === 'https' ? misdirected(context, listener, beside) : []),
          ];
        }),
      ),
      ignorePortInHostMatching: true,
      // What proxies behind say about themselves is for the mesh alone.
      headers: NO_ANSWERS_OF_OTHERS,
    }));
  },
};

/** Listeners of the same port that hosts tell it apart from. */
const besides = (listener: GatewayListenerRow, all: readonly GatewayListenerRow[]): GatewayListenerRow[] =>
  all.filter(
    ({ port, protocol, hostname }) =>
      port === listener.port &&
      hostname !== listener.hostname &&
      (listener.protocol === 'http' ? protocol === 'http' : BY_SERVER_NAME.has(protocol)),
  );

const BY_SERVER_NAME: ReadonlySet<GatewayListenerRow['protocol']> = new Set(['https', 'tls', 'passthrough']);

/**
 * Hosts of other listeners on the port of a listener of HTTPS (RFC 9110, 15.5.20). What this listener asks of requests is not asked of them:
 * whoever reuses a connection learns that it must open another one, whatever it would be refused for here.
 */
function misdirected(
  context: QueryContext,
  listener: GatewayListenerRow,
  beside: readonly GatewayListenerRow[],
): VirtualHost[] {
  const off = edgeFilters(context, [listener])
    .map(({ name }): FilterOverride => ({ filter: name, disabled: true, config: undefined }))
    .sort((a, b) => byName(a.filter, b.filter));
  const hosts = new Set(beside.map(({ hostname }) => (hostname === '' ? '*' : hostname)));
  return [...hosts].map((host) => {
    const name = `${listener.key}/misdirected/${host}`;
    const route: Route = {
      name: listener.source,
      statPrefix: '',
      match: routeMatch(ANY, 'weft'),
      action: MISDIRECTED,
      headers: NO_MUTATIONS,
      filterOverrides: [],
      metadata: [],
      source: listener.source,
    };
    return { ...virtualHost(name, [host], [route]), filterOverrides: off };
  });
}

const MISDIRECTED: DirectResponseAction = {
  kind: 'direct-response',
  status: 421,
  body: NO_TEXT,
  bodyFormat: undefined,
};

function hostsOf(
  context: QueryContext,
  of: GatewayOf,
  listener: GatewayListenerRow,
  { group, beside }: { readonly group: readonly GatewayListenerRow[]; readonly beside: readonly GatewayListenerRow[] },
): VirtualHost[] {
  const { hosts } = context.read('listenerRoutes', listener.key) ?? { hosts: [] };
  const own = hosts.filter(({ domain }) => {
    const name = domain === '*' ? '' : domain;
    return !beside.some((other) => isWider(listener.hostname, other.hostname) && covers(other.hostname, name));
  });
  const edge = edgeHost(context, listener, group);
  const made = own.map(({ domain, entries }) => ({
    ...virtualHost(`${listener.key}/${domain}`, [domain], routesOf(context, of, listener, entries)),
    ...edge,
  }));
  const whole = listener.hostname === '' ? '*' : listener.hostname;
  return own.some(({ domain }) => domain === whole)
    ? made
    : [...made, virtualHost(`${listener.key}/${whole}`, [whole], [])];
}

const covers = (wide: string, narrow: string): boolean => wide === narrow || isWider(wide, narrow);

const routesOf = (
  context: QueryContext,
  of: GatewayOf,
  listener: GatewayListenerRow,
  entries: readonly HttpEntryRow[],
): Route[] => inputsOf(context, of, listener, entries).map(({ input, source }) => routeOf(input, '', source));

export interface GatewayInput {
  readonly input: RouteInput;
  readonly source: string;
}

/**
 * What concerns a request as a whole is said by the policies about its rule, else by those about the rule's first backend: at a gateway the
 * caller named no service. What is said about the Gateway comes after what is said about that service. The port is the listener's.
 */
function inputsOf(
  context: QueryContext,
  { engine, gateway }: GatewayOf,
  listener: GatewayListenerRow,
  entries: readonly HttpEntryRow[],
): GatewayInput[] {
  const mesh = context.read('mesh', ONLY);
  if (mesh === undefined) return [];
  const secure = listener.protocol === 'https';
  const { port, source } = listener;
  const own = { name: secure ? 'https' : 'http', port, protocol: 'http' as const, target: undefined, source };
  const conf = mergeConf([{ key: mesh.name, conf: mesh.defaults, source: `${mesh.source}#spec.defaults` }]);
  const edge = [targetKey.listener(listener.key), targetKey.gateway(gateway)];
  const entrance = { scheme: secure ? 'https' : 'http', callers: [] } as const;
  const entering = entries.filter(({ match }) => meetsEntrance(match.conditions, entrance));
  return entering.flatMap(expanded).map((entry) => {
    const first = entry.rule.backends.find(({ kind, weight }) => kind === 'service' && weight > 0);
    const named =
      first?.kind === 'service' ? portInput(context, { port: portKey(first.service, first.port), engine }) : undefined;
    const nobody = {
      engine,
      mesh,
      service: NOBODY,
      port: own,
      home: undefined,
      external: undefined,
      backendTls: undefined,
      failover: undefined,
      mtls: mesh.mtls,
      conf,
    };
    const input = routeInput(context, entry, { ...(named ?? nobody), edge, callers: [] });
    return { input: { ...input, port: own, secure }, source: entry.source };
  });
}

/** The key of no service: what redirects is about none. */
const NOBODY = '/';

/** Everything that is asked of requests at a Gateway. */
export const gatewayInputs = (context: QueryContext, of: GatewayOf): readonly RouteInput[] =>
  (context.read('gateway', of.gateway)?.listeners ?? []).flatMap((listener) =>
    (context.read('listenerRoutes', listener.key)?.hosts ?? []).flatMap(({ entries }) =>
      inputsOf(context, of, listener, entries).map(({ input }) => input),
    ),
  );
