/** The caller's side of an answer: which route of its proxy takes the request, what holds for it, and where it may go. */
import { Decider, type Decision, type RequestView } from '@weft/core/decide';
import {
  type Entrance,
  type FaultRow,
  type HttpEntryRow,
  type HttpRuleRow,
  type MeshView,
  parsePortKey,
  PlainReader,
  portKey,
} from '@weft/core/mesh-view';
import {
  type FilterChain,
  type ForwardAction,
  httpConnectionManagers,
  type HttpConnectionManager,
  type Listener,
  type ProxyConfig,
  type RouteConfiguration,
  type WeightedCluster,
} from '@weft/core/proxy-config';
import { brokenName, outboundName, ownName } from '../names.ts';
import { type Asked, askedBy } from './asked.ts';
import type { EffectiveConf } from '../behaviours/index.ts';
import { onlyHost } from '../behaviours/external/index.ts';
import { routesRequests } from '../profiles.ts';
import { confOf, targetsOfPort } from '../queries/conf.ts';
import type { Backend, Routing, Setting, Verdict } from './explanation.ts';
import { chancesOf } from './chances.ts';
import { answerOfCors, corsSettings } from './cors.ts';
import { changesOf } from './changes.ts';
import { failuresOf } from './failures.ts';
import { missesOf } from './misses.ts';
import { connectionOf, LOOPBACK, requestView, type StatedRequest } from './question.ts';
import { modeOf } from './modes.ts';
import {
  clusterSettings,
  filterSettings,
  routeSettings,
  type RuleSays,
  sessionSettings,
  standInSettings,
} from './settings.ts';
import { wayOutSettings } from './way-out.ts';

export type Routed =
  /** `asked`: whom the rule asks. */
  | {
      readonly kind: 'http';
      readonly decision: Decision;
      readonly routing: Routing;
      readonly asked: readonly Asked[];
      /** What CORS answers a preflight, before anything else is asked; undefined: nothing. */
      readonly preflight: Verdict | undefined;
    }
  | { readonly kind: 'tcp'; readonly routing: Routing }
  | { readonly kind: 'bad-request' };

export interface Managed {
  readonly manager: HttpConnectionManager;
  readonly table: RouteConfiguration;
}

/** What is asked about, as far as answers name it. */
export interface Place {
  readonly view: MeshView;
  readonly config: ProxyConfig;
  /** What routes attached there say, by precedence; undefined: none is attached. */
  readonly entries: readonly HttpEntryRow[] | undefined;
  readonly entrance: Entrance;
  /** The policies that hold for requests of that rule; undefined: of no rule. */
  conf(rule: HttpRuleRow | undefined): EffectiveConf;
  /** Who fails requests of that rule on purpose. */
  fault(rule: HttpRuleRow | undefined): FaultRow | undefined;
}

/** The connection manager of a listener with its table; undefined: it routes no requests. */
function managerOf(listener: Listener, config: ProxyConfig): Managed | undefined {
  const [manager] = httpConnectionManagers(listener);
  if (manager === undefined) return undefined;
  const { routes } = manager;
  // Nothing that is compiled here has scopes.
  if (routes.kind === 'scoped') return undefined;
  const table = routes.kind === 'inline' ? routes.configuration : config.routes.get(routes.name);
  return table === undefined ? undefined : { manager, table };
}

export function route(
  view: MeshView,
  config: ProxyConfig,
  listener: Listener,
  asked: {
    readonly service: string;
    readonly port: number;
    readonly request: StatedRequest;
    readonly caller: string;
    /** What a request without a Host header names; undefined: the service. */
    readonly host?: string | undefined;
  },
): Routed {
  const key = portKey(asked.service, asked.port);
  const callers = view.callerConditions.get(asked.caller) ?? [];
  const found = managerOf(listener, config);
  if (found === undefined) return { kind: 'tcp', routing: tcpRouting(view, config, listener, key, callers) };
  const [namespace = '', name = ''] = asked.service.split('/');
  const connection = connectionOf({ identity: undefined, address: LOOPBACK, port: asked.port, serverName: '' });
  const request = requestView(asked.request, asked.host ?? `${name}.${namespace}`, connection, found.manager);
  if (request === undefined) return { kind: 'bad-request' };
  const reader = new PlainReader(view);
  const own = targetsOfPort(asked.service, asked.port);
  const place: Place = {
    view,
    config,
    entries: view.httpRules.get(key),
    entrance: { scheme: 'http', callers },
    conf: (rule) => confOf(reader, key, { targets: rule?.targets, callers }),
    fault: (rule) => firstOf(view.faults, [...(rule?.targets ?? []), ...own]),
  };
  return routeRequest(place, found, request);
}

const firstOf = <Row>(table: ReadonlyMap<string, readonly Row[]>, targets: readonly string[]): Row | undefined => {
  for (const target of targets) {
    const [row] = table.get(target) ?? [];
    if (row !== undefined) return row;
  }
  return undefined;
};

/** Which route takes the request, what holds for it and where it may go. */
export function routeRequest(place: Place, { manager, table }: Managed, request: RequestView): Routed {
  const decider = new Decider(manager, table);
  const chances = chancesOf(decider, table, request);
  const decision = (chances.find((chance) => chance.decision.kind === 'forward') ?? chances[0])?.decision;
  if (decision === undefined) return { kind: 'bad-request' };
  const routing = httpRouting(place, decision, request);
  const woken = 'route' in decision ? decision.route.filterOverrides : [];
  const asked = askedBy(decider.filters(request, 0), request).filter((one) =>
    woken.some(({ filter }) => filter === one.filter),
  );
  const preflight = answerOfCors('route' in decision ? decision.route : undefined, request);
  if (chances.length === 1) return { kind: 'http', decision, routing, asked, preflight };
  const backends = chances.flatMap((chance) => {
    const own =
      chance.decision.kind === 'forward'
        ? httpRouting(place, chance.decision, request).backends
        : [answering(chance.decision)];
    return own.map((backend) => ({ ...backend, share: backend.share * chance.share }));
  });
  return { kind: 'http', decision, routing: { ...routing, backends }, asked, preflight };
}

function httpRouting(place: Place, decision: Decision, request: RequestView): Routing {
  const { view, config, entries = [] } = place;
  const base = { plain: place.entries === undefined, settings: [], backends: [], misses: [] };
  if (decision.kind === 'no-route')
    return { ...base, rule: undefined, misses: missesOf(entries, request, place.entrance) };
  if (decision.kind === 'denied') return { ...base, rule: undefined };
  const source = decision.route.source;
  // A backend with filters of its own has a route of its own, named after it.
  const rule = entries.find((entry) => entry.source === source || isOf(entry.rule, source))?.rule;
  const fault = place.fault(rule);
  const failures = failuresOf(decision.route, request, fault?.source);
  const failing = failures.length === 0 ? {} : { failures };
  const filters = filterSettings(decision.route, fault, firstOf(view.rateLimits, rule?.targets ?? []));
  if (decision.kind !== 'forward') return { ...base, ...failing, rule: source, settings: filters };
  const action = decision.route.action as ForwardAction;
  const backends = shares(action, request).map(({ cluster, share, weighted }): Backend => {
    const backend = backendOf(view, config, cluster, place.entrance.callers);
    const outside = view.service.get(parsePortKey(backend.port ?? '/0').service)?.external;
    const changes = changesOf(
      decision.route,
      action,
      weighted,
      outside === undefined ? undefined : onlyHost(outside) || undefined,
    );
    const source = rule?.session?.source ?? confOf(new PlainReader(view), backend.port ?? NOBODY).session?.source;
    return {
      ...backend,
      settings: [...backend.settings, ...sessionSettings(decision.route, weighted, source)],
      share,
      path: decision.path,
      ...(changes === undefined ? {} : { changes }),
    };
  });
  const settings = [
    ...routeSettings(action, saidBy(rule, source), place.conf(rule)),
    ...filters,
    ...corsSettings(decision.route, request),
  ];
  return { ...base, ...failing, rule: source, settings, backends };
}

const isOf = ({ backends }: HttpRuleRow, source: string | undefined): boolean =>
  backends.some((backend) => backend.source === source);

/** A route that answers itself stands for one backend. */
const answering = (decision: Decision): Backend => ({
  port: undefined,
  share: 1,
  path: undefined,
  transport: 'plaintext',
  settings: [],
  source: 'route' in decision ? decision.route.source : undefined,
  answer: decision.kind === 'redirect' ? `its share is redirected to ${decision.location}` : undefined,
});

function saidBy(rule: HttpRuleRow | undefined, source: string | undefined): RuleSays {
  const { request, backendRequest } = rule?.timeouts ?? {};
  const part = (name: string, stated: boolean): string | undefined => (stated ? `${rule?.source}.${name}` : undefined);
  return {
    source,
    timeouts: part('timeouts', (request ?? backendRequest) !== undefined),
    retry: part('retry', rule?.retry !== undefined),
  };
}

interface Share {
  readonly cluster: string;
  readonly share: number;
  readonly weighted?: WeightedCluster;
}

function shares(action: ForwardAction, request: RequestView): Share[] {
  const { target } = action;
  if (target.kind === 'cluster') return [{ cluster: target.cluster, share: 1 }];
  if (target.kind === 'cluster-header') return [{ cluster: request.header(target.header) ?? '', share: 1 }];
  const total = target.clusters.reduce((sum, { weight }) => sum + weight, 0);
  return target.clusters
    .filter(({ weight }) => weight > 0)
    .map((weighted) => ({ cluster: weighted.cluster, share: weighted.weight / total, weighted }));
}

function tcpRouting(
  view: MeshView,
  config: ProxyConfig,
  listener: Listener,
  key: string,
  callers: readonly string[],
): Routing {
  const rule = view.tcpRule.get(key);
  const source = rule?.source ?? view.service.get(parsePortKey(key).service)?.source;
  return { ...streamRouting(view, config, listener.filterChains, source, callers), plain: rule === undefined };
}

/** Of connections: which clusters the chains lead to. */
export function streamRouting(
  view: MeshView,
  config: ProxyConfig,
  chains: readonly FilterChain[],
  source: string | undefined,
  callers: readonly string[] = [],
): Routing {
  const terminals = chains.flatMap(({ terminal }) =>
    terminal.kind === 'tcp-proxy' ? [terminal.proxy.destination] : [],
  );
  const clusters = terminals.flatMap((destination): readonly { cluster: string; weight: number }[] =>
    destination.kind === 'cluster' ? [{ cluster: destination.cluster, weight: 1 }] : destination.clusters,
  );
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  return {
    rule: source,
    plain: false,
    settings: [],
    misses: [],
    backends: clusters.map(
      ({ cluster, weight }): Backend => ({
        ...backendOf(view, config, cluster, callers),
        share: weight / total,
        path: undefined,
      }),
    ),
  };
}

/** The port of no service. */
export const NOBODY = '//0';
const OUTBOUND = outboundName('');
const BROKEN = brokenName('');

function carriesRequests(view: MeshView, key: string): boolean {
  const { service, port } = parsePortKey(key);
  const row = view.service.get(service)?.ports.find((one) => one.port === port);
  return row !== undefined && routesRequests('weft', row.protocol);
}

function backendOf(
  view: MeshView,
  config: ProxyConfig,
  name: string,
  callers: readonly string[],
): Omit<Backend, 'share' | 'path'> {
  const cluster = config.clusters.get(ownName(name.slice(OUTBOUND.length))) ?? config.clusters.get(name);
  if (cluster === undefined || !name.startsWith(OUTBOUND)) {
    const source = name.startsWith(BROKEN) ? name.slice(BROKEN.length) : undefined;
    return { port: undefined, transport: 'plaintext', settings: [], source };
  }
  const port = name.slice(OUTBOUND.length);
  const conf = confOf(new PlainReader(view), port, { callers });
  const mtls = modeOf(view, port);
  const own = view.backendTls.get(port);
  const way = wayOutSettings(view.service.get(parsePortKey(port).service));
  return {
    port,
    transport: own !== undefined && way.length === 0 ? 'tls' : cluster.transport.kind === 'tls' ? 'mtls' : 'plaintext',
    settings: [
      ...clusterSettings(cluster, conf, carriesRequests(view, port)),
      ...standInSettings(view.failover.get(port)),
      ...way,
      own === undefined
        ? { name: 'mTLS of the mesh', value: mtls.mode, source: mtls.source }
        : {
            name: 'TLS of the service',
            value: own.trust.kind === 'federated' ? `mutual, with trust domain ${own.trust.trustDomain}` : own.hostname,
            source: own.source,
          },
    ] satisfies Setting[],
    source: cluster.source,
  };
}
