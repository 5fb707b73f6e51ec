/**
 * The route tables of a gateway. Listeners of HTTP on one port share a table: a request belongs to the listener with the most specific host
 * name, and gets 404 where no route of that listener takes it (Gateway API, HTTPRoute listener isolation). A listener of HTTPS has a table of
 * its own, since the server name chose it.
 */
import { isWider, ONLY, portKey, targetKey, type GatewayListenerRow, type HttpEntryRow } from '@weft/core/mesh-view';
import type { Route, RouteConfiguration, VirtualHost } from '@weft/core/proxy-config';
import type { RouteInput } from '../behaviours/index.ts';
import type { Query, QueryContext } from '../incremental/query.ts';
import { gatewayRoutesName } from '../names.ts';
import type { EngineName } from '../profiles.ts';
import { mergeConf } from './conf.ts';
import { expanded } from './expanded.ts';
import { edgeHost } from './gateway-policies.ts';
import { NO_MUTATIONS } from '../behaviours/header-modifier/mutations.ts';
import { ANSWER_HEADER } from './own-answers.ts';
import { portInput } from './port.ts';
import { routeConfiguration, routeInput, routeOf, virtualHost } from './routes.ts';

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
        group.flatMap((listener) => hostsOf(context, of, listener, group)),
      ),
      ignorePortInHostMatching: true,
      headers: WITHOUT_NAMES,
    }));
  },
};

/** What proxies behind say about themselves is for the mesh alone. */
const WITHOUT_NAMES: RouteConfiguration['headers'] = { ...NO_MUTATIONS, responseRemove: [ANSWER_HEADER] };

function hostsOf(
  context: QueryContext,
  of: GatewayOf,
  listener: GatewayListenerRow,
  group: readonly GatewayListenerRow[],
): VirtualHost[] {
  const { hosts } = context.read('listenerRoutes', listener.key) ?? { hosts: [] };
  const own = hosts.filter(({ domain }) => {
    const name = domain === '*' ? '' : domain;
    return !group.some((other) => isWider(listener.hostname, other.hostname) && covers(other.hostname, name));
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
  return entries.flatMap(expanded).map((entry) => {
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
      conf,
    };
    const input = routeInput(context, entry, { ...(named ?? nobody), edge });
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
