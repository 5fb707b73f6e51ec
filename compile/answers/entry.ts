/** The answer to a question from outside: through a listener of a Gateway, by the configuration that its processes get. */
import { Decider, type ConnectionView } from '@weft/core/decide';
import { cidrContains, formatIp, type IpAddress, parseCidr, unmapIpv4Cidr } from '@weft/core/kernel';
import {
  PlainReader,
  portKey,
  targetKey,
  type GatewayListenerRow,
  type HttpRuleRow,
  type MeshView,
} from '@weft/core/mesh-view';
import type {
  FilterChain,
  HttpConnectionManager,
  HttpFilter,
  Listener,
  ProxyConfig,
  RouteConfiguration,
} from '@weft/core/proxy-config';
import { gatewayListenerName } from '../names.ts';
import { confOf, targetsOfPort } from '../queries/conf.ts';
import { byConnection, UNLESS_REFUSED, wordOfFilters, type Word } from './arrival.ts';
import type { Asked } from './asked.ts';
import { balancerOf } from './balancers.ts';
import { answerOfCors } from './cors.ts';
import type { Entry, Explanation, Routing, Setting, Unanswerable, Verdict } from './explanation.ts';
import { answer, answerOfFaults, further, heardFrom, ownAnswer } from './onward.ts';
import { connectionOf, requestView, type Question, type StatedRequest } from './question.ts';
import { NOBODY, routeRequest, streamRouting, type Place } from './routing.ts';
import { believed, boundSettings, headersTaken, limitSettings, processedBy } from './settings.ts';
import type { World } from './world.ts';

export function enter(world: World, question: Question): Explanation | Unanswerable {
  if (question.from.kind !== 'outside')
    return { reason: 'who enters by a Gateway comes from outside', remedy: 'write `outside`, or an IP address' };
  const { to: gateway } = question;
  const mesh = world.meshOf('gateway', gateway);
  if (mesh === undefined)
    return { reason: `there is no Gateway ${gateway} that is served`, remedy: 'see `weft check`, or create it' };
  const view = world.view(mesh);
  const served = world.gatewayConfig(mesh, gateway);
  if (served === undefined)
    return { reason: `nobody serves Gateway ${gateway}`, remedy: 'start `weft gateway`, or ask files' };
  const listeners = view.gateway.get(gateway)?.listeners ?? [];
  const ports = [...new Set(listeners.filter(({ protocol }) => protocol !== 'udp').map(({ port }) => port))];
  const port = question.port ?? (ports.length === 1 ? ports[0] : undefined);
  if (port === undefined || !ports.includes(port))
    return {
      reason: port === undefined ? `${gateway} listens on several ports` : `${gateway} does not listen on port ${port}`,
      remedy: `name one of ${ports.join(', ')} as gateway/NAME:PORT`,
    };
  const here = listeners.filter((one) => one.port === port);
  const from = asTold(view, here[0], question.from);
  const { serverName } = question;
  // Of plain HTTP there is none: the host of the request says which listener's it is.
  const named = serverName !== undefined && here.every(({ protocol }) => protocol !== 'http');
  const host = named ? serverName.toLowerCase() : hostOf(question.request);
  const row = mostSpecific(here, host);
  const listener = served.config.listeners.get(gatewayListenerName('tcp', port));
  const base = {
    caller: { workload: undefined, identity: shownBy(question) },
    service: gateway,
    port,
    protocol: row === undefined || row.protocol === 'http' || row.protocol === 'https' ? 'http' : 'tcp',
    routing: undefined,
    arrivals: [],
  };
  if (row === undefined || listener === undefined) {
    const refusal =
      listener === undefined
        ? undefined
        : refusedUnnamed(
            served.config,
            listener,
            { ...question, from },
            {
              port,
              through: throughBalancer(view, here[0]),
            },
          );
    if (refusal !== undefined) return { ...base, verdict: refusal };
    const reason =
      row === undefined ? `no listener on port ${port} is for ${host === '' ? 'it' : host}` : 'no route is attached';
    const status = here.some(({ protocol }) => protocol === 'http') ? 404 : 0;
    return { ...base, verdict: answer('no-route', status, status === 0 ? '' : 'NR', reason, undefined) };
  }
  const identity = view.workload.get(served.workload)?.identity;
  const at: Entering = {
    world,
    mesh,
    view,
    config: served.config,
    row,
    here,
    gateway,
    identity,
    workload: served.workload,
    question: { ...question, from },
    host,
  };
  const found = enteredBy(at, listener);
  return { ...base, ...found };
}

/** A host that no listener of a port of HTTP is for: what holds there for every host comes before the 404. */
function refusedUnnamed(
  config: ProxyConfig,
  { filterChains }: Listener,
  { from, request }: Question,
  { port, through }: { readonly port: number; readonly through: IpAddress | undefined },
): Verdict | undefined {
  const address = from.kind === 'outside' ? from.address : undefined;
  const chain = bySource(filterChains, address)[0];
  if (chain?.terminal.kind !== 'http-connection-manager' || chain.transport.kind === 'tls') return undefined;
  const connection = connectionOf({ identity: undefined, address, through, port, serverName: '' });
  const closed = byConnection(chain, connection);
  if (closed !== undefined) return answer('denied', 0, '', closed.reason, closed.source);
  const { manager } = chain.terminal;
  const seen = requestView(request, '', connection, manager, clientOf(from));
  const table = tableOf(manager, config);
  if (seen === undefined || table === undefined)
    return answer('bad-request', 400, 'DPE', 'the path is refused as ambiguous', undefined);
  const { word } = wordOfFilters(new Decider(manager, table), seen, request.claims);
  return word?.allowed === false ? answer('denied', word.status ?? 403, '', word.reason, word.source) : undefined;
}

/** Where the port takes PROXY headers, whoever is asked about comes by a load balancer that tells the address. */
function throughBalancer(view: MeshView, row: GatewayListenerRow | undefined): IpAddress | undefined {
  const headers = row === undefined ? undefined : view.edgeHeaders.get(row.key);
  return headers === undefined ? undefined : balancerOf(headers);
}

const clientOf = (from: Question['from']): IpAddress | undefined => (from.kind === 'outside' ? from.client : undefined);

/** Where a load balancer's own address was told, the one that it tells counts. */
function asTold(view: MeshView, row: GatewayListenerRow | undefined, from: Question['from']): Question['from'] {
  const headers = row === undefined ? undefined : view.edgeHeaders.get(row.key);
  if (headers === undefined || from.kind !== 'outside' || from.client === undefined) return from;
  const balances = headers.from.some((text) => {
    const range = parseCidr(text);
    return range !== undefined && cidrContains(range, from.address);
  });
  return balances ? { ...from, address: from.client } : from;
}

const shownBy = ({ from }: Question): string | undefined => (from.kind === 'outside' ? from.identity : undefined);

const tableOf = ({ routes }: HttpConnectionManager, config: ProxyConfig): RouteConfiguration | undefined =>
  routes.kind === 'inline' ? routes.configuration : config.routes.get(routes.name);

interface Entering {
  readonly world: World;
  readonly mesh: string;
  readonly view: MeshView;
  readonly config: ProxyConfig;
  readonly row: GatewayListenerRow;
  /** All listeners of the port. */
  readonly here: readonly GatewayListenerRow[];
  readonly gateway: string;
  readonly identity: string | undefined;
  /** Key of the workload that serves it. */
  readonly workload: string;
  readonly question: Question;
  readonly host: string;
}

type Found = Pick<Explanation, 'entry' | 'routing' | 'arrivals' | 'verdict'>;

function enteredBy(at: Entering, listener: Listener): Found {
  const { row, view, config, question, host } = at;
  const address = question.from.kind === 'outside' ? question.from.address : undefined;
  const chain = chainFor(listener, host, address);
  if (chain === undefined)
    return refused(at, ALLOWED, answer('no-route', 0, '', `no route takes the server name ${host}`, row.source));
  const { transport } = chain;
  const shown = transport.kind === 'tls' && transport.validation !== undefined ? shownBy(question) : undefined;
  if (transport.kind === 'tls' && transport.requireClientCertificate && shown === undefined)
    return refused(
      at,
      {
        allowed: false,
        by: 'transport',
        reason: 'it asks clients for a certificate, and this one has none',
        source: row.source,
      },
      undefined,
    );
  const through = throughBalancer(view, row);
  const connection = connectionOf({ identity: shown, address, through, port: row.port, serverName: host });
  const closed = byConnection(chain, connection);
  if (closed !== undefined) return refused(at, closed, undefined);
  const { terminal } = chain;
  if (terminal.kind === 'tcp-proxy') {
    const routing = streamRouting(view, config, [chain], chain.source);
    return passed(at, ALLOWED, routing, at.question, 'tcp');
  }
  return requested(at, chain, connection);
}

function requested(at: Entering, { terminal, transport }: FilterChain, connection: ConnectionView): Found {
  const { world, mesh, row, view, config, question, host, gateway } = at;
  if (terminal.kind !== 'http-connection-manager') throw new Error('a chain of requests has a connection manager');
  const { manager } = terminal;
  const table = tableOf(manager, config);
  const seen = requestView(question.request, host, connection, manager, clientOf(question.from));
  const request = seen && { ...seen, scheme: transport.kind === 'tls' ? 'https' : 'http' };
  if (request === undefined || table === undefined)
    return refused(at, ALLOWED, answer('bad-request', 400, 'DPE', 'the path is refused as ambiguous', undefined));
  const decider = new Decider(manager, table);
  const preflight = answerOfCors(decider.table.match(request, 0)?.route, request);
  if (preflight !== undefined) return refused(at, ALLOWED, preflight);
  const { word, known, asked } = wordOfFilters(decider, request, question.request.claims);
  if (word?.allowed === false) {
    const source = word.source ?? sourceOfRefusal(view, row.key, word.status);
    return refused(at, { ...word, source }, undefined);
  }
  const reader = new PlainReader(view);
  const edge = [targetKey.listener(row.key), targetKey.gateway(gateway)];
  const place: Place = {
    view,
    config,
    entries: (view.listenerRoutes.get(row.key)?.hosts ?? []).flatMap(({ entries }) => entries),
    entrance: { scheme: transport.kind === 'tls' ? 'https' : 'http', callers: [] },
    conf: (rule) => {
      const first = firstBackend(rule);
      return first === undefined
        ? confOf(reader, NOBODY, { targets: rule?.targets, edge })
        : confOf(reader, portKey(first.service, first.port), { targets: rule?.targets, edge });
    },
    fault: (rule) => {
      const first = firstBackend(rule);
      const own = first === undefined ? edge : targetsOfPort(first.service, first.port, edge);
      return [...(rule?.targets ?? []), ...own].flatMap((target) => view.faults.get(target) ?? [])[0];
    },
  };
  const routed = routeRequest(place, { manager, table }, known);
  if (routed.kind !== 'http')
    return refused(at, ALLOWED, answer('bad-request', 400, 'DPE', 'it cannot be routed', undefined));
  const { decision } = routed;
  const heard = (list: readonly Asked[]): Setting[] => heardFrom(world, mesh, at.workload, list);
  const said = heard(routed.asked);
  const routing =
    said.length === 0 ? routed.routing : { ...routed.routing, settings: [...routed.routing.settings, ...said] };
  // Of what no route takes nobody is asked whether it may.
  const unrouted = decision.kind === 'no-route';
  const atDoor = heard(
    asked.filter(
      ({ filter, kind }) => routed.asked.every((one) => one.filter !== filter) && (!unrouted || kind === 'ext-proc'),
    ),
  );
  const own = answerOfFaults(routing) ?? ownAnswer(decision);
  const passing = unrouted && word?.reason === UNLESS_REFUSED ? ALLOWED : (word ?? ALLOWED);
  const open = { ...passing, settings: atDoor };
  if (own !== undefined) return { ...refused(at, open, own), routing };
  const onward = forwards(decider.filters(request, 0)) ? question : withoutToken(question);
  return passed(at, open, routing, onward, 'http');
}

/** What is refused by another status than 403 is refused by no rule: by tokens, or as nobody is there to process or to count it. */
function sourceOfRefusal(view: MeshView, listener: string, status: number | undefined): string | undefined {
  if (status === undefined) return undefined;
  const row =
    status === 500 ? (view.edgeProcessor.get(listener) ?? view.edgeLimit.get(listener)) : view.edgeTokens.get(listener);
  return row?.source;
}

const firstBackend = (rule: HttpRuleRow | undefined): { readonly service: string; readonly port: number } | undefined =>
  rule?.backends.flatMap((one) => (one.kind === 'service' && one.weight > 0 ? [one] : []))[0];

/** A token that was verified here goes on only where its issuer's entry says so. */
const forwards = (filters: readonly HttpFilter[]): boolean =>
  filters.every((filter) => filter.kind !== 'jwt-authn' || filter.providers.every(({ forward }) => forward));

function withoutToken(question: Question): Question {
  const { claims: _, ...request } = question.request;
  return { ...question, request };
}

const ALLOWED: Word = { allowed: true, by: 'nobody', reason: 'nothing speaks against it', source: undefined };

const entryOf = ({ view, row, gateway }: Entering, word: Word): Entry => {
  const limit = view.edgeLimit.get(row.key);
  const tokens = view.edgeTokens.get(row.key);
  const processor = view.edgeProcessor.get(row.key);
  const headers = view.edgeHeaders.get(row.key);
  const forwarded = view.edgeForwarded.get(row.key);
  const settings: Setting[] = [
    ...(headers === undefined ? [] : [headersTaken(headers)]),
    ...(forwarded === undefined ? [] : [believed(forwarded)]),
    ...boundSettings(view.edgeBounds.get(row.key)),
    ...(tokens === undefined
      ? []
      : [
          {
            name: 'tokens',
            value: `of ${tokens.issuers.map(({ issuer }) => issuer).join(', ')}, ${tokens.required ? 'required' : 'optional'}`,
            source: tokens.source,
          },
        ]),
    ...(limit === undefined ? [] : limitSettings(limit)),
    ...(processor === undefined ? [] : [processedBy(processor)]),
    ...(word.settings ?? []),
  ];
  return {
    gateway,
    listener: row.key.slice(row.key.lastIndexOf('/') + 1),
    source: row.source,
    word: { allowed: word.allowed, reason: word.reason, source: word.source },
    settings,
  };
};

/** The gateway answers itself. `verdict`: undefined, its policies do. */
function refused(at: Entering, word: Word, verdict: Verdict | undefined): Found {
  const byRequest = word.by === 'request';
  return {
    entry: entryOf(at, word),
    routing: undefined,
    arrivals: [],
    verdict: verdict ?? answer('denied', byRequest ? (word.status ?? 403) : 0, '', word.reason, word.source),
  };
}

function passed(at: Entering, word: Word, routing: Routing, question: Question, protocol: string): Found {
  const {
    world,
    mesh,
    identity,
    question: { from },
  } = at;
  const caller = from.kind === 'outside' ? formatIp(from.address) : from.key;
  return {
    entry: entryOf(at, word),
    routing,
    ...further(world, mesh, question, { routing, identity, caller, protocol }),
  };
}

/** Without its port; '': none is stated. */
const hostOf = ({ headers }: StatedRequest): string =>
  (headers.find(({ name }) => name === 'host')?.value ?? '').toLowerCase().replace(/:\d+$/, '');

const covers = (pattern: string, name: string): boolean =>
  pattern === '' || pattern === name || (pattern.startsWith('*.') && name.endsWith(pattern.slice(1)));

/** An exact name, then the longest wildcard, then any name. */
function mostSpecific(listeners: readonly GatewayListenerRow[], host: string): GatewayListenerRow | undefined {
  const rank = ({ hostname }: GatewayListenerRow): number => (hostname === host ? 1000 : hostname.length);
  return listeners.filter(({ hostname }) => covers(hostname, host)).toSorted((a, b) => rank(b) - rank(a))[0];
}

function chainFor({ filterChains }: Listener, host: string, address: IpAddress | undefined): FilterChain | undefined {
  const rank = ({ match: { serverNames } }: FilterChain): number =>
    serverNames.reduce(
      (most, name) => (covers(name, host) ? Math.max(most, name === host ? 1000 : name.length) : most),
      0,
    );
  const named = filterChains.filter(
    ({ match: { serverNames } }) => serverNames.length === 0 || serverNames.some((name) => covers(name, host)),
  );
  const best = Math.max(...named.map(rank));
  return bySource(
    named.filter((chain) => rank(chain) === best),
    address,
  )[0];
}

/** Those for `address`, which has chains of its own where it is a proxy that is believed; else those for everybody. */
function bySource(chains: readonly FilterChain[], address: IpAddress | undefined): readonly FilterChain[] {
  const own = chains.filter(({ match: { sourcePrefixRanges } }) =>
    sourcePrefixRanges.some((text) => {
      const range = parseCidr(text);
      return range !== undefined && address !== undefined && cidrContains(unmapIpv4Cidr(range), address);
    }),
  );
  return own.length > 0 ? own : chains.filter(({ match: { sourcePrefixRanges } }) => sourcePrefixRanges.length === 0);
}
