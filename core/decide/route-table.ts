/**
 * A RouteConfiguration compiled for matching (envoy.config.route.v3): the virtual host by exact domain, longest suffix, longest prefix,
 * `*`; within it the first route that matches. Built once per configuration; matching allocates nothing but lower-cased text where a
 * rule ignores case.
 */
import type { Fraction, Route, RouteConfiguration, RouteMatch, VirtualHost } from '../proxy-config/index.ts';
import {
  compileCookie,
  compileHeader,
  compileQueryParameter,
  type ReportFault,
  type RequestPredicate,
} from './matchers.ts';
import { compileMetadata } from './metadata.ts';
import { Candidates, INDEX_FROM, PrefixIndex } from './literal-index.ts';
import { compilePath, compileRewrite, type PathMatcher, type PathRewrite } from './path.ts';
import type { HeaderView, MetadataView, RequestView } from './request.ts';

/** What a share of requests is now. */
export type LiveFraction = (fraction: Fraction) => Fraction;

const asItStands: LiveFraction = (fraction) => fraction;

/** A RouteMatch compiled, wherever it stands. */
export class CompiledMatch {
  readonly #path: PathMatcher;
  readonly #headers: readonly RequestPredicate[];
  readonly #query: readonly ((query: string | undefined) => boolean)[];
  readonly #cookies: readonly ((request: HeaderView) => boolean)[];
  readonly #tls: RouteMatch['tls'];
  readonly #metadata: readonly ((metadata: MetadataView | undefined) => boolean)[];
  readonly #grpc: boolean;
  readonly #fraction: Fraction | undefined;
  readonly #live: LiveFraction;

  constructor(match: RouteMatch, path: PathMatcher, report: ReportFault, live: LiveFraction = asItStands) {
    this.#path = path;
    this.#headers = match.headers.map((header) => compileHeader(header, report));
    this.#query = match.queryParameters.map((parameter) => compileQueryParameter(parameter, report));
    this.#cookies = match.cookies.map((cookie) => compileCookie(cookie, report));
    this.#tls = match.tls;
    this.#metadata = match.dynamicMetadata.map((matcher) => compileMetadata(matcher, report));
    this.#grpc = match.grpc;
    this.#fraction = match.fraction;
    this.#live = live;
  }

  /** `path`: what of the request's path counts. `roll` in [0, 1) decides for a route that takes a fraction of its requests. */
  matches(request: RequestView, path: string, roll: number): boolean {
    if (!this.#path.matches(path, request.method)) return false;
    for (const header of this.#headers) if (!header(request, 'joined')) return false;
    for (const parameter of this.#query) if (!parameter(request.query)) return false;
    for (const cookie of this.#cookies) if (!cookie(request)) return false;
    if (this.#tls !== undefined && !fitsTls(this.#tls, request)) return false;
    for (const known of this.#metadata) if (!known(request.metadata)) return false;
    if (this.#grpc && !isGrpc(request.header('content-type'))) return false;
    return this.#fraction === undefined || inFraction(this.#live(this.#fraction), roll);
  }
}

export class CompiledRoute extends CompiledMatch {
  readonly route: Route;
  readonly virtualHost: VirtualHost;
  /** Position in `RouteTable.routes`. */
  readonly ordinal: number;
  /** Rewrite of the path for forward and redirect actions; undefined keeps it. */
  readonly rewritePath: PathRewrite | undefined;

  constructor(route: Route, virtualHost: VirtualHost, ordinal: number, report: ReportFault, live?: LiveFraction) {
    const { match, action } = route;
    const path = compilePath(match.path, report);
    super(match, path, report, live);
    this.route = route;
    this.virtualHost = virtualHost;
    this.ordinal = ordinal;
    this.rewritePath =
      action.kind === 'forward'
        ? compileRewrite(action.rewrite.path, match.path, path, report)
        : action.kind === 'redirect'
          ? compileRewrite(action.path, match.path, path, report)
          : undefined;
  }
}

/** For whoever has a match and no route. */
export const compileMatch = (match: RouteMatch, report: ReportFault): CompiledMatch =>
  new CompiledMatch(match, compilePath(match.path, report), report);

const fitsTls = ({ presented, validated }: NonNullable<RouteMatch['tls']>, request: RequestView): boolean =>
  (presented === undefined || presented === (request.presentedCertificate === true)) &&
  (validated === undefined || validated === (request.peer !== undefined));

const isGrpc = (contentType: string | undefined): boolean =>
  contentType !== undefined && /^application\/grpc(?:$|[+;])/.test(contentType);

/** The roll's lower digits decide here, its upper ones choose the weighted cluster: the two must not go together. */
const inFraction = (fraction: Fraction, roll: number): boolean =>
  ((roll * 1_048_576) % 1) * fraction.denominator < fraction.numerator;

interface CompiledVirtualHost {
  readonly virtualHost: VirtualHost;
  readonly routes: readonly CompiledRoute[];
  /** Undefined: there are few. */
  readonly index: RouteIndex | undefined;
}

/** Routes by the beginning of the path that they ask for, and those that ask otherwise. */
interface RouteIndex {
  readonly literals: PrefixIndex;
  readonly others: readonly number[];
}

function indexOf(routes: readonly Route[]): RouteIndex | undefined {
  if (routes.length < INDEX_FROM) return undefined;
  const literals = new PrefixIndex();
  const others: number[] = [];
  for (const [number, { match }] of routes.entries()) {
    const { path } = match;
    if ('value' in path && !path.ignoreCase) literals.add(path.value, number);
    else others.push(number);
  }
  return { literals, others };
}

/** Domains with one wildcard, by length of the fixed part, longest first. */
type WildcardTable = readonly { readonly length: number; readonly hosts: ReadonlyMap<string, CompiledVirtualHost> }[];

export class RouteTable {
  readonly configuration: RouteConfiguration;
  /** All routes of all virtual hosts. */
  readonly routes: readonly CompiledRoute[];
  readonly #exact: ReadonlyMap<string, CompiledVirtualHost>;
  readonly #suffixes: WildcardTable;
  readonly #prefixes: WildcardTable;
  readonly #any: CompiledVirtualHost | undefined;
  readonly #candidates = new Candidates();

  /** `live`: what a share of requests is when it is asked for; default: as it stands. */
  constructor(configuration: RouteConfiguration, report: ReportFault, live?: LiveFraction) {
    this.configuration = configuration;
    const routes: CompiledRoute[] = [];
    const exact = new Map<string, CompiledVirtualHost>();
    const suffixes = new Map<number, Map<string, CompiledVirtualHost>>();
    const prefixes = new Map<number, Map<string, CompiledVirtualHost>>();
    for (const virtualHost of configuration.virtualHosts) {
      const own = virtualHost.routes.map((route, index) => {
        const say = (message: string): void => report(`virtual host ${virtualHost.name}, route ${index}: ${message}`);
        return new CompiledRoute(route, virtualHost, routes.length + index, say, live);
      });
      routes.push(...own);
      const host: CompiledVirtualHost = { virtualHost, routes: own, index: indexOf(virtualHost.routes) };
      for (const domain of virtualHost.domains) {
        if (domain === '*') this.#any = host;
        else if (domain.startsWith('*')) put(suffixes, domain.slice(1), host);
        else if (domain.endsWith('*')) put(prefixes, domain.slice(0, -1), host);
        else exact.set(domain, host);
      }
    }
    this.routes = routes;
    this.#exact = exact;
    this.#suffixes = byLength(suffixes);
    this.#prefixes = byLength(prefixes);
  }

  /** The first matching route of the most specific virtual host; undefined: answer 404. */
  match(request: RequestView, roll: number): CompiledRoute | undefined {
    const host = this.#host(this.configuration.ignorePortInHostMatching ? withoutPort(request.host) : request.host);
    if (host === undefined) return undefined;
    const { path } = request;
    const parameters = this.configuration.ignorePathParameters && path.includes(';');
    const counted = parameters ? path.replace(/;[^/]*/g, '') : path;
    if (host.index === undefined) {
      for (const route of host.routes) if (route.matches(request, counted, roll)) return route;
      return undefined;
    }
    const candidates = this.#candidates;
    candidates.begin();
    if (host.index.others.length > 0) candidates.add(host.index.others);
    host.index.literals.collect(counted, candidates);
    for (let number = candidates.next(); number >= 0; number = candidates.next()) {
      const route = host.routes[number] as CompiledRoute;
      if (route.matches(request, counted, roll)) return route;
    }
    return undefined;
  }

  /** The virtual host of a canonical host; undefined when none takes it. */
  virtualHostOf(host: string): VirtualHost | undefined {
    return this.#host(this.configuration.ignorePortInHostMatching ? withoutPort(host) : host)?.virtualHost;
  }

  #host(host: string): CompiledVirtualHost | undefined {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return exact;
    for (const { length, hosts } of this.#suffixes) {
      const found = host.length > length ? hosts.get(host.slice(host.length - length)) : undefined;
      if (found !== undefined) return found;
    }
    for (const { length, hosts } of this.#prefixes) {
      const found = host.length > length ? hosts.get(host.slice(0, length)) : undefined;
      if (found !== undefined) return found;
    }
    return this.#any;
  }
}

function put(table: Map<number, Map<string, CompiledVirtualHost>>, part: string, host: CompiledVirtualHost): void {
  let hosts = table.get(part.length);
  if (hosts === undefined) table.set(part.length, (hosts = new Map()));
  hosts.set(part, host);
}

const byLength = (table: Map<number, Map<string, CompiledVirtualHost>>): WildcardTable =>
  [...table].map(([length, hosts]) => ({ length, hosts })).sort((a, b) => b.length - a.length);

/** The host without its port; brackets of an IPv6 address stay. */
export function withoutPort(host: string): string {
  const colon = host.lastIndexOf(':');
  return colon < 0 || colon < host.lastIndexOf(']') ? host : host.slice(0, colon);
}

/** The cluster that `roll` in [0, 1) chooses, as an index; weights are relative. -1 when all weights are 0. */
export const chooseWeighted = (clusters: readonly { readonly weight: number }[], roll: number): number =>
  atShare(clusters, Math.floor(roll * totalOf(clusters)));

/** The cluster that a whole number chooses, modulo the weights' sum: a hash, or what a header says. */
export function chooseWeightedBy(clusters: readonly { readonly weight: number }[], number: bigint): number {
  const total = totalOf(clusters);
  return total === 0 ? -1 : atShare(clusters, Number(number % BigInt(total)));
}

function totalOf(clusters: readonly { readonly weight: number }[]): number {
  let total = 0;
  for (const { weight } of clusters) total += weight;
  return total;
}

function atShare(clusters: readonly { readonly weight: number }[], share: number): number {
  let left = share;
  for (const [index, { weight }] of clusters.entries()) {
    if (left < weight) return index;
    left -= weight;
  }
  return -1;
}
