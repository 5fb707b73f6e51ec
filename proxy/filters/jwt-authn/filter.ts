/**
 * envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication: a request passes when its tokens are what the rule for it, or its route, asks for.
 * Everything that is not understood refuses.
 */
import { type CompiledMatch, compileMatch } from '@weft/core/decide';
import type { JwtAuthnFilter as Row, JwtRouteRequirement } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { AnswerHeaders } from '../../http/own-answer.ts';
import { type JwtStatus, statusText } from '../../jwt/index.ts';
import type { EngineRuntime } from '../../ports.ts';
import { ResponseFlag } from '../../response-flags.ts';
import { ANSWERED, CONTINUE, type FilterVerdict, type HttpFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { FilterMaker, FilterParts } from '../index.ts';
import { JwtProviders } from './providers.ts';
import { compileRequirement, type Requirement } from './requirement.ts';
import { JwtRun } from './run.ts';
import { JwtStats } from './stats.ts';
import type { ProviderRuntime } from './provider.ts';

type OfRoute = { readonly requirement: Requirement | undefined } | { readonly fault: string };

interface Rule {
  readonly match: CompiledMatch;
  /** Undefined: nothing is asked. */
  readonly requirement: Requirement | undefined;
}

/** Characters of the path in a refusal. */
const LONGEST_REALM = 256;

export class JwtAuthnFilter implements HttpFilter {
  readonly stats: JwtStats;
  readonly #row: Row;
  readonly #runtime: EngineRuntime;
  readonly #providers: JwtProviders;
  readonly #rules: readonly Rule[];
  /** By the route's word; undefined: the rules hold. */
  readonly #route: OfRoute | undefined;

  constructor(
    row: Row,
    route: JwtRouteRequirement | undefined,
    providers: JwtProviders,
    runtime: EngineRuntime,
    statPrefix: string,
    report: (fault: string) => void,
  ) {
    this.#row = row;
    this.#runtime = runtime;
    this.stats = new JwtStats(runtime, statPrefix, row.statPrefix);
    this.#providers = providers;
    this.#rules = row.rules.map(({ match, requirement }) => ({
      match: compileMatch(match, report),
      requirement: compileRequirement(requirement, providers.byName),
    }));
    this.#route = route === undefined ? undefined : this.#ofRoute(route);
  }

  #ofRoute(route: JwtRouteRequirement): OfRoute {
    if (route.off) return { requirement: undefined };
    const { requirements } = this.#row;
    const named = requirements.find(({ name }) => name === route.requirement);
    if (named !== undefined) return { requirement: compileRequirement(named.requirement, this.#providers.byName) };
    const names = requirements.map(({ name }) => name).join(',');
    return { fault: `Wrong requirement_name: ${route.requirement}. It should be one of [${names}]` };
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    if (this.#row.bypassCorsPreflight && isPreflight(exchange)) {
      this.stats.preflights.add(1);
      this.stats.allowed.add(1);
      return CONTINUE;
    }
    const route = this.#route;
    if (route !== undefined && 'fault' in route) {
      this.stats.denied.add(1);
      const text = this.#row.stripFailureResponse ? '' : `Failed JWT authentication: ${route.fault}`;
      exchange.decide(403, text, ResponseFlag.none, details(route.fault));
      return ANSWERED;
    }
    const requirement = route === undefined ? this.#requirementOf(exchange) : route.requirement;
    if (requirement === undefined) {
      this.stats.allowed.add(1);
      return CONTINUE;
    }
    return new JwtRun(this, exchange, run, Math.floor(this.#runtime.wall.now() / 1000)).ask(requirement, index);
  }

  #requirementOf({ head }: Exchange): Requirement | undefined {
    return this.#rules.find(({ match }) => match.matches(head, head.path, 0))?.requirement;
  }

  stop(): void {
    this.#providers.stop();
  }

  providerOf(issuer: string): ProviderRuntime | undefined {
    return this.#providers.ofIssuer(issuer);
  }

  get onlyProvider(): ProviderRuntime | undefined {
    return this.#providers.only;
  }

  allow(exchange: Exchange, routesAgain: boolean): void {
    this.stats.allowed.add(1);
    if (routesAgain) exchange.routeAgain();
  }

  deny(exchange: Exchange, status: JwtStatus): void {
    this.stats.denied.add(1);
    const strips = this.#row.stripFailureResponse;
    exchange.decide(
      status === 'audience' ? 403 : 401,
      strips ? '' : statusText(status),
      ResponseFlag.none,
      details(statusText(status)),
      strips ? undefined : challenge(exchange, status),
    );
  }
}

const details = (text: string): string => `jwt_authn_access_denied{${text.replaceAll(' ', '_')}}`;

/** RFC 6750, 3. */
function challenge({ head, target }: Exchange, status: JwtStatus): AnswerHeaders {
  const path = (target ?? head.originalPath).slice(0, LONGEST_REALM);
  const error = status === 'missing' ? '' : ', error="invalid_token"';
  return [['www-authenticate', `Bearer realm="${head.scheme}://${head.host}${path}"${error}`]];
}

const isPreflight = ({ head }: Exchange): boolean =>
  head.method === 'OPTIONS' &&
  (head.header('origin') ?? '') !== '' &&
  (head.header('access-control-request-method') ?? '') !== '';

/** The chains of one filter's routes share its providers, and with them keys and remembered tokens. */
const shared = new WeakMap<FilterParts, WeakMap<Row, JwtProviders>>();

function providersOf(row: Row, parts: FilterParts): JwtProviders {
  let byRow = shared.get(parts);
  if (byRow === undefined) shared.set(parts, (byRow = new WeakMap()));
  let providers = byRow.get(row);
  if (providers === undefined) {
    const stats = new JwtStats(parts.runtime, parts.statPrefix, row.statPrefix);
    byRow.set(row, (providers = new JwtProviders(row.providers, parts, stats)));
  }
  return providers;
}

export const make: FilterMaker<'jwt-authn'> = (row, [own], parts) =>
  new JwtAuthnFilter(row, own, providersOf(row, parts), parts.runtime, parts.statPrefix, parts.report);
