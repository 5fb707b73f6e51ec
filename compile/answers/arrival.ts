/** The called side of an answer: what the proxy of a workload says to a connection and its request, by the rules it runs. */
import { CompiledRbac, Decider, type ConnectionView, type RequestView } from '@weft/core/decide';
import type {
  FilterChain,
  HttpFilter,
  Listener,
  MetadataStruct,
  NetworkFilter,
  PeerValidation,
  ProxyConfig,
} from '@weft/core/proxy-config';
import { type Asked, askedBy } from './asked.ts';
import { isPreflight } from './cors.ts';
import { EDGE_FILTERS, inboundName, JWT_METADATA, JWT_PAYLOAD } from '../names.ts';
import type { Arrival } from './explanation.ts';
import { requestView, type StatedRequest } from './question.ts';
import { tokenWord } from './tokens.ts';

export type Word = Pick<Arrival, 'allowed' | 'by' | 'reason' | 'source' | 'status' | 'settings'>;

/** `asked`: whom the called proxy asks about it. */
export type Arrived = Word & { readonly asked?: readonly Asked[] };

const ALLOWED: Word = { allowed: true, by: 'nobody', reason: 'nothing speaks against it', source: undefined };

/** `port` is the application's; `authority` is what the caller named; `name`: the listener, that of the port. */
export function arrive(
  config: ProxyConfig,
  port: number,
  connection: ConnectionView,
  authority: string,
  request: StatedRequest,
  name: string = inboundName(port),
): Arrived {
  const listener = config.listeners.get(name);
  if (listener === undefined)
    return { allowed: true, by: 'no-proxy', reason: 'it has no proxy: nothing checks who calls', source: undefined };
  const chain = chainFor(listener, connection);
  if (chain === undefined)
    return {
      allowed: false,
      by: 'transport',
      reason:
        connection.peer === undefined
          ? 'it wants mutual TLS, and the caller has no certificate'
          : 'it verifies nobody of the caller’s trust domain: the service is not exported to it',
      source: undefined,
    };
  return (
    byConnection(chain, connection) ??
    byRequest(chain, connection, authority, request) ??
    allowing(chain.networkFilters, connection, undefined) ??
    ALLOWED
  );
}

/** Callers with a certificate use the server name of their trust domain, and are verified by the roots of that one. */
function chainFor({ filterChains }: Listener, { peer }: ConnectionView): FilterChain | undefined {
  const secured = filterChains.filter(({ transport }) => transport.kind === 'tls');
  if (peer === undefined) return filterChains.find((chain) => !secured.includes(chain));
  const [identity = ''] = peer.uriSans;
  return secured.length === 0
    ? filterChains[0]
    : secured.find(({ transport }) => transport.kind === 'tls' && verifies(transport.validation, identity));
}

const verifies = (validation: PeerValidation | undefined, identity: string): boolean =>
  validation?.subjectAltNames.some(({ matcher }) => matcher.kind === 'prefix' && identity.startsWith(matcher.value)) ===
  true;

const quietly = (): void => {};

export function byConnection(chain: FilterChain, connection: ConnectionView): Word | undefined {
  for (const filter of chain.networkFilters) {
    if (filter.kind !== 'rbac' || filter.rules === undefined) continue;
    const verdict = new CompiledRbac(filter.rules, quietly).evaluate(connection, undefined);
    if (!verdict.allowed)
      return { allowed: false, by: 'connection', ...because(filter.rules.action, verdict.policy?.source) };
  }
  return undefined;
}

function byRequest(
  chain: FilterChain,
  connection: ConnectionView,
  authority: string,
  request: StatedRequest,
): Arrived | undefined {
  const { terminal } = chain;
  if (terminal.kind !== 'http-connection-manager' || terminal.manager.routes.kind !== 'inline') return undefined;
  const { manager } = terminal;
  const view = requestView(request, authority, connection, manager);
  if (view === undefined)
    return {
      allowed: false,
      by: 'request',
      status: 400,
      reason: 'its path is refused as ambiguous',
      source: undefined,
    };
  const decider = new Decider(manager, terminal.manager.routes.configuration);
  const { word, known, asked } = wordOfFilters(decider, view, request.claims);
  if (word?.allowed === false) return word;
  const decision = decider.decide(known, 0);
  if (decision.kind === 'direct-response') return { ...nobodyToAsk(decision.status, word), asked };
  return asked.length === 0 ? word : { ...(word ?? ALLOWED), asked };
}

/** Who must be asked about every request there, an Extension or a limiter, is not there. `before`: what was said so far. */
const nobodyToAsk = (status: number, before: Word | undefined): Word => ({
  allowed: false,
  by: 'request',
  status,
  reason:
    before?.reason === UNLESS_REFUSED
      ? 'who must be asked about it is not there, and the Extension that is asked before may refuse it'
      : 'who must be asked about it is not there',
  source: undefined,
});

/** Of what is let in. */
export const UNLESS_REFUSED = 'unless the Extension refuses it, which is asked';

/** With the claims that were verified, as far as rules and routes see them. */
export interface Filtered {
  /** What tokens and access rules say; undefined: nothing. */
  readonly word: Word | undefined;
  readonly known: RequestView;
  /** Whom the filters ask, where nothing refuses it before. */
  readonly asked: readonly Asked[];
}

/** What a connection manager's tokens and access rules say to a request. */
export function wordOfFilters(decider: Decider, view: RequestView, claims: MetadataStruct | undefined): Filtered {
  const filters = decider.filters(view, 0);
  let verified = false;
  for (const filter of filters) {
    if (filter.kind !== 'jwt-authn' || (filter.bypassCorsPreflight && isPreflight(view))) continue;
    const token = tokenWord(filter, view, claims);
    if (token.refusal !== undefined)
      return {
        word: {
          allowed: false,
          by: 'request',
          status: token.refusal.status,
          reason: token.refusal.reason,
          source: undefined,
        },
        known: view,
        asked: [],
      };
    verified ||= token.verified;
  }
  const known = verified && claims !== undefined ? withClaims(view, claims) : view;
  const decision = decider.decide(known, 0);
  if (decision.kind === 'denied')
    return {
      word: {
        allowed: false,
        by: 'request',
        ...because(decision.policy === undefined ? 'ALLOW' : 'DENY', decision.source),
      },
      known,
      asked: [],
    };
  const word = asking(filters, known) ?? allowing(filters, known, known);
  const missing = filters.find((filter) => filter.kind === 'fault' && filter.name.startsWith(EDGE_FILTERS));
  const status = missing?.kind === 'fault' ? missing.abort?.status : undefined;
  return {
    word: status?.kind === 'http' ? nobodyToAsk(status.code, word) : word,
    known,
    // Nobody is asked after the one who is not there.
    asked: askedBy(missing === undefined ? filters : filters.slice(0, filters.indexOf(missing)), known),
  };
}

/** An Extension has the last word: nobody but its service knows what it says. */
function asking(filters: readonly HttpFilter[], request: RequestView): Word | undefined {
  for (const [index, filter] of filters.entries()) {
    if (filter.kind !== 'rbac' || filter.shadowRules === undefined || filters[index + 1]?.kind !== 'ext-authz')
      continue;
    const { allowed, policy } = new CompiledRbac(filter.shadowRules, quietly).evaluate(request, request);
    if (!allowed)
      return {
        allowed: true,
        by: 'request',
        reason: UNLESS_REFUSED,
        source: policy?.source,
      };
  }
  return undefined;
}

const withClaims = (view: RequestView, claims: MetadataStruct): RequestView => ({
  ...view,
  metadata: new Map([[JWT_METADATA, { [JWT_PAYLOAD]: claims }]]),
});

export const NOTHING_ALLOWS = 'no ALLOW rule matches, and what none allows is refused';

const because = (action: string, source: string | undefined): Pick<Word, 'reason' | 'source'> =>
  action === 'DENY' ? { reason: 'a DENY rule matches', source } : { reason: NOTHING_ALLOWS, source };

/** Which rule let it in. */
function allowing(
  filters: readonly (NetworkFilter | HttpFilter)[],
  connection: ConnectionView,
  request: RequestView | undefined,
): Word | undefined {
  for (const filter of filters) {
    if (filter.kind !== 'rbac' || filter.rules?.action !== 'ALLOW') continue;
    const { policy } = new CompiledRbac(filter.rules, quietly).evaluate(connection, request);
    if (policy !== undefined)
      return {
        allowed: true,
        by: request === undefined ? 'connection' : 'request',
        reason: 'an ALLOW rule matches',
        source: policy.source,
      };
  }
  return undefined;
}
