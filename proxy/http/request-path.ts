/**
 * The request's direction, top to bottom: what happens to a request between its head and the router. Each stage either lets it on or
 * decides its answer. The order is the contract: identity and canonical form come before every judgement, policies before routes.
 */
import {
  canonicalPath,
  chooseWeighted,
  chooseWeightedBy,
  matchedHeader,
  locationOfAnswer,
  redirectLocation,
  wholeNumber,
} from '@weft/core/decide';
import type { ForwardAction } from '@weft/core/proxy-config';
import { dropHopByHop, equalsLower, KNOWN } from '@weft/wire/http1';
import { ResponseFlag } from '../response-flags.ts';
import { applyMutations } from '../router/header-mutations.ts';
import { chooseMirrors } from '../router/mirror.ts';
import { applyRetryOptions, applyTimeoutOptions, refuseMalformed } from '../router/request-options.ts';
import { type RoutePlan, RoutePlans, type WeightedChoice } from '../router/route-plan.ts';
import { isHashBalancing } from '../upstream/balance/index.ts';
import type { Hash64 } from '../upstream/hash/hash64.ts';
import type { Exchange } from './exchange.ts';
import { addressIn, applyForwardedHeaders } from './forwarded-headers.ts';
import { judgeUnderscores } from './request-fields.ts';
import { applyDeadline } from './grpc-deadline.ts';

/** Runs the stages; afterwards the exchange knows its cluster or its own answer. */
export function runRequestPath(exchange: Exchange): void {
  if (refuseVersion(exchange)) return;
  if (refuseExpectation(exchange)) return;
  if (canonicalise(exchange)) return;
  sanitiseConnection(exchange);
  for (const step of exchange.context.earlyMutations) applyMutations(step, exchange.head.edit, exchange);
  const { manager, internal, client } = exchange.context;
  applyForwardedHeaders(exchange.head, exchange.downstream, manager, internal, client);
  if (exchange.context.clientRejections !== undefined && refuseUnknownClient(exchange)) return;
  takeRoutes(exchange);
  dropInternalHeaders(exchange);
  if (shed(exchange)) return;
  if (exchange.decided) return;
  judge(exchange);
}

/** The route table of this exchange, which a later configuration does not change. */
export function takeRoutes(exchange: Exchange): void {
  const { routes } = exchange.context.setting;
  if (routes.scoped !== undefined) exchange.scope = routes.scoped((name) => matchedHeader(exchange.head, name));
  const table = exchange.scope === undefined ? routes.current : exchange.scope.current;
  exchange.routes = table instanceof RoutePlans ? table : undefined;
}

/** Filters see the request with its route, as far as one matches; a missing one is answered behind them. */
function judge(exchange: Exchange): void {
  exchange.roll = exchange.context.runtime.random();
  matchRoute(exchange);
  if (exchange.trace === undefined) exchange.context.tracing?.begin(exchange);
  const { filters } = exchange;
  if (filters === undefined) {
    goTo(exchange);
    return;
  }
  filters.ended();
  filters.reset();
  chooseChain(exchange);
  if (filters.passHead()) goTo(exchange);
}

/** The filter at which the request waited lets it on. */
export function resumeRequestPath(exchange: Exchange): void {
  if (exchange.filters?.passHead() === true) goTo(exchange);
}

/** A filter changed what routes are chosen by: the filters behind it see the new one (Envoy's clearRouteCache). */
export function routeAgain(exchange: Exchange): void {
  exchange.forgetRoute();
  matchRoute(exchange);
  chooseChain(exchange);
}

function chooseChain({ context, filters, routes, plan, weighted }: Exchange): void {
  if (filters === undefined || context.filters === undefined) return;
  filters.chain =
    plan === undefined || routes === undefined ? context.filters.own : context.filters.of(routes, plan, weighted);
}

function goTo(exchange: Exchange): void {
  const { plan } = exchange;
  if (plan === undefined) {
    exchange.decideError('no-route');
    return;
  }
  exchange.source = plan.compiled.route.source ?? '';
  if (redirectToTls(exchange, plan)) return;
  act(exchange, plan);
}

/** A request that an internal redirect made another one: the stages that judge and route it, once more. */
export function rerunRequestPath(exchange: Exchange): void {
  exchange.forgetRoute();
  takeRoutes(exchange);
  exchange.head.forgetMetadata();
  judge(exchange);
}

/** The header that is to say whom the request is from does not. */
function refuseUnknownClient(exchange: Exchange): boolean {
  const { context, head } = exchange;
  const { clientHeader } = context.manager;
  if (clientHeader?.rejectStatus === undefined || addressIn(head.edit.value(clientHeader.name, 0)) !== undefined)
    return false;
  context.clientRejections?.add(1);
  exchange.decide(clientHeader.rejectStatus, '', ResponseFlag.none, 'rejecting_because_detection_failed');
  return true;
}

/** What the route table keeps for requests from inside. */
function dropInternalHeaders(exchange: Exchange): void {
  const { head, routes } = exchange;
  if (head.internal || routes?.internalOnlyHeaders === undefined) return;
  for (const name of routes.internalOnlyHeaders) head.edit.remove(name);
}

/** Overloaded: what is under way goes on, this one does not begin. */
function shed(exchange: Exchange): boolean {
  if (!exchange.context.runtime.overload.refusesRequests) return false;
  exchange.context.refusals.add(1);
  exchange.decideError('overloaded');
  return true;
}

/** Envoy answers HTTP/1.0 with 426 unless it is accepted. */
function refuseVersion(exchange: Exchange): boolean {
  const { http1 } = exchange.context.manager;
  if (exchange.reader.minor !== 0) return false;
  if (!http1.acceptHttp10) {
    exchange.decideError('upgrade-required');
    return true;
  }
  if (exchange.reader.hostEnd === exchange.reader.hostStart && http1.defaultHostForHttp10 === '') {
    exchange.decideError('bad-request');
    return true;
  }
  return false;
}

/** RFC 9110, 10.1.1: an expectation other than 100-continue fails. */
function refuseExpectation(exchange: Exchange): boolean {
  if (exchange.reader.expectation !== 'unknown') return false;
  exchange.decide(417, '', ResponseFlag.none, 'expectation_failed');
  return true;
}

/** One host and one path for filters, routes and the upstream alike. */
function canonicalise(exchange: Exchange): boolean {
  const { head, reader, context } = exchange;
  const { manager } = context;
  const sent = exchange.hostText();
  head.host = sent.canonical;
  head.spelledHost = sent.spelled;
  if (sent.changed) exchange.setHost(head.host);
  if (reader.form === 'absolute' && !manager.http1.allowAbsoluteUrl) {
    exchange.decideError('bad-request');
    return true;
  }
  if (reader.form === 'asterisk' || reader.form === 'authority') {
    head.path = reader.form === 'asterisk' ? '*' : '';
    head.query = undefined;
    exchange.target = reader.form === 'asterisk' ? '*' : undefined;
    head.originalPath = head.path;
    return false;
  }
  const { text, path, query, plain } = exchange.connection.sentTarget();
  head.query = query;
  head.originalPath = text;
  if (plain) {
    head.path = path;
    return false;
  }
  const canonical = canonicalPath(path === '' ? '/' : path, manager);
  if (canonical.kind === 'refused') {
    exchange.decideError('bad-request');
    return true;
  }
  head.path = canonical.path;
  if (canonical.path !== path) exchange.setTarget(canonical.path);
  if (canonical.kind === 'path') return false;
  const location = head.query === undefined ? canonical.path : `${canonical.path}?${head.query}`;
  exchange.decide(307, '', ResponseFlag.none, 'path_normalization_redirect', [['location', location]]);
  return true;
}

/** Drops what belongs to this connection; notes a wanted upgrade. */
function sanitiseConnection(exchange: Exchange): void {
  const { reader, head, context } = exchange;
  const { head: fields } = reader;
  if (reader.protocol !== '') exchange.upgrade = reader.protocol.toLowerCase();
  if (reader.upgradeField >= 0) {
    const start = fields.valueStart(reader.upgradeField);
    const end = fields.valueEnd(reader.upgradeField);
    if (!equalsLower(fields.bytes, start, end, 'h2c'))
      exchange.upgrade = fields.value(reader.upgradeField).toLowerCase();
  }
  const trailersWanted = (context.manager.http1.enableTrailers || reader.minor === 2) && wantsTrailers(exchange);
  if (fields.findKnown(KNOWN.expect) >= 0) fields.dropKnown(KNOWN.expect);
  dropHopByHop(fields, reader.connection.nominates);
  if (trailersWanted) head.edit.add('te', 'trailers');
  switch (context.manager.headersWithUnderscores) {
    case 'allow':
      return;
    case 'drop-header':
    case 'reject-request':
      judgeUnderscores(exchange, context.manager.headersWithUnderscores === 'reject-request');
  }
}

function wantsTrailers({ head, reader: { head: fields } }: Exchange): boolean {
  const index = fields.findKnown(KNOWN.te);
  if (index < 0) return false;
  return (
    equalsLower(fields.bytes, fields.valueStart(index), fields.valueEnd(index), 'trailers') ||
    /\btrailers\b/i.test(head.edit.get('te') ?? '')
  );
}

function matchRoute(exchange: Exchange): void {
  const { routes } = exchange;
  if (routes === undefined) return;
  const matched = routes.table.match(exchange.head, exchange.roll);
  if (matched === undefined) return;
  const plan = routes.planOf(matched);
  exchange.plan = plan;
  exchange.head.routeMetadata = plan.metadata;
  const target = plan.forward?.target;
  if (target?.kind === 'weighted') exchange.weighted = plan.weighted[chooseCluster(exchange, plan, target.choice)];
}

function redirectToTls(exchange: Exchange, plan: RoutePlan): boolean {
  const { requireTls } = plan.compiled.virtualHost;
  if (requireTls === 'none' || exchange.head.scheme === 'https') return false;
  if (requireTls === 'external-only' && exchange.head.edit.has('x-envoy-internal')) return false;
  const { head } = exchange;
  const query = head.query === undefined ? '' : `?${head.query}`;
  exchange.decide(301, '', ResponseFlag.none, 'tls_required', [
    ['location', `https://${head.host}${head.path}${query}`],
  ]);
  return true;
}

function act(exchange: Exchange, plan: RoutePlan): void {
  const { action } = plan.compiled.route;
  switch (action.kind) {
    case 'redirect': {
      const location = redirectLocation(action, plan.compiled.rewritePath, exchange.head);
      exchange.decide(action.status, '', ResponseFlag.none, 'direct_response', [['location', location]]);
      return;
    }
    case 'direct-response':
      answerDirectly(exchange, plan, action.status);
      return;
    case 'forward':
      forward(exchange, plan, action);
  }
}

function answerDirectly(exchange: Exchange, plan: RoutePlan, status: number): void {
  const { direct } = plan;
  if (direct === undefined) return;
  exchange.localReplyBody = direct.body;
  // As in Envoy, the format is asked before the status is known.
  const body = direct.format === undefined ? direct.body : direct.format(exchange);
  const location = locationOfAnswer(status, exchange.head);
  const headers = location === undefined ? direct.headers : [...direct.headers, ['location', location] as const];
  exchange.decide(status, body, ResponseFlag.none, 'direct_response', headers);
}

/** The cluster by name, weight or header; then the request as it goes upstream. */
function forward(exchange: Exchange, plan: RoutePlan, action: ForwardAction): void {
  if (refuseUpgrade(exchange, plan)) return;
  const { target } = action;
  const { head, context } = exchange;
  let name = '';
  if (target.kind === 'cluster') name = target.cluster;
  else if (target.kind === 'cluster-header') name = head.header(target.header) ?? '';
  else {
    const header = exchange.weighted?.clusterHeader ?? '';
    name = header === '' ? (exchange.weighted?.cluster ?? '') : (head.header(header) ?? '');
  }
  exchange.clusterName = name;
  const cluster = name === '' ? undefined : context.setting.clusters.get(name);
  if (cluster === undefined) {
    exchange.decide(action.clusterNotFoundStatus, '', ResponseFlag.noClusterFound, 'cluster_not_found');
    return;
  }
  const { router } = context.manager;
  if (router.strictCheckHeaders.length > 0 && refuseMalformed(exchange, router.strictCheckHeaders)) return;
  applyDeadline(exchange, action);
  exchange.retry = plan.retry;
  exchange.hedges = action.hedges === true;
  if (plan.stats !== undefined) exchange.counted.push(plan.stats);
  if (plan.virtualClusters !== undefined) exchange.counted.push(plan.virtualClusters.of(head));
  const mayAsk = head.internal || exchange.filters?.chain.addsHeaders === true;
  if (mayAsk) applyTimeoutOptions(exchange);
  if (plan.hash !== undefined && exchange.hash === undefined && isHashBalancing(cluster.config.loadBalancing))
    exchange.hash = plan.hash(exchange);
  if (exchange.weighted !== undefined)
    for (const step of exchange.weighted.request) applyMutations(step, head.edit, exchange);
  for (const step of plan.request) applyMutations(step, head.edit, exchange);
  if (mayAsk || plan.asksForRetries) applyRetryOptions(exchange);
  if (!rewrite(exchange, plan, action)) {
    // Envoy sends it on, and whoever gets it refuses it, or ends the connection.
    exchange.decide(400, '', ResponseFlag.none, 'rewritten_path_is_not_absolute');
    return;
  }
  if (plan.mirrors.length > 0) chooseMirrors(exchange, plan.mirrors);
  exchange.cluster = cluster;
}

function refuseUpgrade(exchange: Exchange, plan: RoutePlan): boolean {
  const type = exchange.reader.form === 'authority' ? 'connect' : exchange.upgrade;
  if (type === '') return false;
  if (plan.upgrades.get(type) ?? exchange.context.upgrades.has(type)) return false;
  exchange.decideError('upgrade-not-allowed');
  return true;
}

const wholeHash = ({ high, low }: Hash64): bigint => (BigInt(high) << 32n) | BigInt(low);

function chooseCluster(exchange: Exchange, plan: RoutePlan, choice: WeightedChoice): number {
  switch (choice.kind) {
    case 'random':
      break;
    case 'header': {
      const number = wholeNumber(exchange.head.header(choice.header));
      if (number !== undefined) return chooseWeightedBy(plan.weighted, number);
      break;
    }
    case 'hash':
      exchange.hash = plan.hash?.(exchange);
      if (exchange.hash !== undefined) return chooseWeightedBy(plan.weighted, wholeHash(exchange.hash));
  }
  return chooseWeighted(plan.weighted, exchange.roll);
}

/** False: what is left of the path cannot stand in a request line. */
function rewrite(exchange: Exchange, plan: RoutePlan, action: ForwardAction): boolean {
  const { head } = exchange;
  const { rewritePath } = plan.compiled;
  if (rewritePath !== undefined && exchange.reader.form !== 'authority') {
    const path = rewritePath(head.path);
    if (path !== head.path) {
      if (!path.startsWith('/')) return false;
      if (!exchange.context.manager.router.suppressEnvoyHeaders)
        head.edit.set('x-envoy-original-path', head.originalPath);
      exchange.setTarget(path);
    }
  }
  const { host, appendXForwardedHost } = action.rewrite;
  const literal = exchange.weighted?.hostRewrite ?? '';
  if (host.kind === 'none' && literal === '') return true;
  if (appendXForwardedHost) head.edit.add('x-forwarded-host', head.host);
  // The route's own rewrite comes after, and wins.
  if (literal !== '') exchange.setHost(literal);
  if (host.kind === 'path-regex') exchange.setHost(plan.hostOfPath?.(head.path) ?? head.host);
  else if (host.kind === 'literal') exchange.setHost(host.value);
  else if (host.kind === 'header') {
    const value = head.header(host.header);
    if (value !== undefined && value !== '') exchange.setHost(value);
  } else exchange.hostFromEndpoint = host.kind === 'auto';
  return true;
}
