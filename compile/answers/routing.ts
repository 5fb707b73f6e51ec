/** The caller's side of an answer: which route of its proxy takes the request, what holds for it, and where it may go. */
import { Decider, type Decision, type RequestView } from '@weft/core/decide';
import { ONLY, parsePortKey, PlainReader, portKey, type MeshView } from '@weft/core/mesh-view';
import {
  httpConnectionManagers,
  type ForwardAction,
  type HttpConnectionManager,
  type Listener,
  type ProxyConfig,
  type RouteConfiguration,
} from '@weft/core/proxy-config';
import { brokenName, outboundName } from '../names.ts';
import { confOf } from '../queries/conf.ts';
import type { Backend, Routing, Setting } from './explanation.ts';
import { chancesOf } from './chances.ts';
import { missesOf } from './misses.ts';
import { connectionOf, LOOPBACK, requestView, type StatedRequest } from './question.ts';
import { clusterSettings, routeSettings, type RuleSays } from './settings.ts';

export type Routed =
  | { readonly kind: 'http'; readonly decision: Decision; readonly routing: Routing }
  | { readonly kind: 'tcp'; readonly routing: Routing }
  | { readonly kind: 'bad-request' };

/** The connection manager of a listener with its table; undefined: it routes no requests. */
function managerOf(
  listener: Listener,
  config: ProxyConfig,
): { readonly manager: HttpConnectionManager; readonly table: RouteConfiguration } | undefined {
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
  asked: { readonly service: string; readonly port: number; readonly request: StatedRequest },
): Routed {
  const key = portKey(asked.service, asked.port);
  const found = managerOf(listener, config);
  if (found === undefined) return { kind: 'tcp', routing: tcpRouting(view, config, listener, key) };
  const [namespace = '', name = ''] = asked.service.split('/');
  const connection = connectionOf({ identity: undefined, address: LOOPBACK, port: asked.port, serverName: '' });
  const request = requestView(asked.request, `${name}.${namespace}`, connection, found.manager);
  if (request === undefined) return { kind: 'bad-request' };
  const chances = chancesOf(new Decider(found.manager, found.table), found.table, request);
  const decision = (chances.find((chance) => chance.decision.kind === 'forward') ?? chances[0])?.decision;
  if (decision === undefined) return { kind: 'bad-request' };
  const routing = httpRouting(view, config, key, decision, request);
  if (chances.length === 1) return { kind: 'http', decision, routing };
  const backends = chances.flatMap((chance) => {
    const own =
      chance.decision.kind === 'forward'
        ? httpRouting(view, config, key, chance.decision, request).backends
        : [answering(chance.decision)];
    return own.map((backend) => ({ ...backend, share: backend.share * chance.share }));
  });
  return { kind: 'http', decision, routing: { ...routing, backends } };
}

function httpRouting(
  view: MeshView,
  config: ProxyConfig,
  key: string,
  decision: Decision,
  request: RequestView,
): Routing {
  const plain = !view.httpRules.has(key);
  const base = { plain, settings: [], backends: [], misses: [] };
  if (decision.kind === 'no-route') return { ...base, rule: undefined, misses: missesOf(view, key, request) };
  if (decision.kind === 'denied') return { ...base, rule: undefined };
  const rule = decision.route.source;
  if (decision.kind !== 'forward') return { ...base, rule };
  const action = decision.route.action as ForwardAction;
  const targets = (view.httpRules.get(key) ?? []).find((entry) => entry.source === rule)?.rule.targets;
  const conf = confOf(new PlainReader(view), key, targets);
  const backends = shares(action, request).map(
    ({ cluster, share }): Backend => ({ ...backendOf(view, config, cluster), share, path: decision.path }),
  );
  return { ...base, rule, settings: routeSettings(action, saidBy(view, key, rule), conf), backends };
}

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

function saidBy(view: MeshView, key: string, source: string | undefined): RuleSays {
  const rule = (view.httpRules.get(key) ?? []).find((entry) => entry.source === source)?.rule;
  const { request, backendRequest } = rule?.timeouts ?? {};
  const part = (name: string, stated: boolean): string | undefined => (stated ? `${rule?.source}.${name}` : undefined);
  return {
    source,
    timeouts: part('timeouts', (request ?? backendRequest) !== undefined),
    retry: part('retry', rule?.retry !== undefined),
  };
}

function shares(action: ForwardAction, request: RequestView): { readonly cluster: string; readonly share: number }[] {
  const { target } = action;
  if (target.kind === 'cluster') return [{ cluster: target.cluster, share: 1 }];
  if (target.kind === 'cluster-header') return [{ cluster: request.header(target.header) ?? '', share: 1 }];
  const total = target.clusters.reduce((sum, { weight }) => sum + weight, 0);
  return target.clusters
    .filter(({ weight }) => weight > 0)
    .map(({ cluster, weight }) => ({ cluster, share: weight / total }));
}

function tcpRouting(view: MeshView, config: ProxyConfig, listener: Listener, key: string): Routing {
  const rule = view.tcpRule.get(key);
  const terminals = listener.filterChains.flatMap(({ terminal }) =>
    terminal.kind === 'tcp-proxy' ? [terminal.proxy.destination] : [],
  );
  const clusters = terminals.flatMap((destination): readonly { cluster: string; weight: number }[] =>
    destination.kind === 'cluster' ? [{ cluster: destination.cluster, weight: 1 }] : destination.clusters,
  );
  const total = clusters.reduce((sum, { weight }) => sum + weight, 0);
  return {
    rule: rule?.source ?? view.service.get(parsePortKey(key).service)?.source,
    plain: rule === undefined,
    settings: [],
    misses: [],
    backends: clusters.map(
      ({ cluster, weight }): Backend => ({
        ...backendOf(view, config, cluster),
        share: weight / total,
        path: undefined,
      }),
    ),
  };
}

const OUTBOUND = outboundName('');
const BROKEN = brokenName('');

function backendOf(view: MeshView, config: ProxyConfig, name: string): Omit<Backend, 'share' | 'path'> {
  const cluster = config.clusters.get(name);
  if (cluster === undefined || !name.startsWith(OUTBOUND)) {
    const source = name.startsWith(BROKEN) ? name.slice(BROKEN.length) : undefined;
    return { port: undefined, transport: 'plaintext', settings: [], source };
  }
  const port = name.slice(OUTBOUND.length);
  const conf = confOf(new PlainReader(view), port);
  const mtls = view.mesh.get(ONLY)?.mtls ?? 'disabled';
  return {
    port,
    transport: cluster.transport.kind === 'tls' ? 'mtls' : 'plaintext',
    settings: [
      ...clusterSettings(cluster, conf),
      { name: 'mTLS of the mesh', value: mtls, source: view.mesh.get(ONLY)?.source } satisfies Setting,
    ],
    source: cluster.source,
  };
}
