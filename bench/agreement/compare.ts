/** What `explain` says of a request, as everything that an engine may do with it. */
import {
  type Explanation,
  explain,
  isAnswer,
  OUTSIDER,
  type Question,
  type Setting,
  type World,
} from '@weft/compile/answers';
import { canonicalPath } from '@weft/core/decide';
import { cidrContains, parseCidr, parseIp } from '@weft/core/kernel';
import { spaceless } from './client.ts';
import type { GeneratedRequest } from './generate/index.ts';
import { EDGE, EDGE_PORTS, nameOf, SHORT } from './generate/words.ts';
import { asksOf, authorization, mostOf, shownTo, told } from './asked.ts';
import type { Ask, Limit, Stage } from './stages.ts';
import type { ConfigMap, TrafficPolicy } from '@weft/core/resources';

/** One of the ways in which a request may end. */
export interface Ending {
  /** 0: closed without an answer. */
  readonly status: number;
  /** The rule whose word is in the answer; undefined: none; absent: either. */
  readonly rule?: string | undefined;
  readonly location?: string;
  /** Whose pages may read it, undefined nobody's; absent: either. */
  readonly readers?: string | undefined;
  /** Workloads, one of which answers. */
  readonly workloads?: readonly string[];
  /** As it got there: path with its query, host, and two headers. */
  readonly arrived?: { readonly path: string; readonly host: string; readonly a: string; readonly b: string };
  /** Source of the rule that refused, where one did. */
  readonly refusedBy?: string;
  /** Of the called side, before it. */
  readonly stages?: readonly Stage[];
  /** Of a refusal: whose proxies may have given it. */
  readonly behind?: readonly string[];
  /** Of a refusal: who processes answers there, which Envoy shows it to. */
  readonly shown?: readonly Ask[];
  /** Requests of this word end at the same workload, as long as they may end at the same ones. */
  readonly sticky?: string;
  /** One that differs there on purpose. */
  readonly only?: 'envoy';
  /** How the answer begins a session, and a request goes on with it. */
  readonly session?: 'cookie' | 'header';
}

export interface Expected {
  /** Nobody listens. */
  readonly absent: boolean;
  readonly endings: readonly Ending[];
  /** At the listener of a Gateway, then of the route. */
  readonly stages: readonly Stage[];
  /** Keys of workloads, one of which may see it. */
  readonly reached: readonly string[];
}

function outside(address: string | undefined): Question['from'] | undefined {
  const told = address === undefined ? undefined : parseIp(address);
  return told === undefined ? OUTSIDER : { kind: 'outside', address: told };
}

export function questionOf({ caller, to, port, request, address, serverName }: GeneratedRequest): Question {
  const from = caller === undefined ? outside(address) : ({ kind: 'workload', key: caller } as const);
  if (from === undefined) throw new TypeError('nobody is outside');
  return {
    from,
    to,
    port,
    request,
    ...(caller === undefined ? { gateway: true } : {}),
    ...(serverName === undefined ? {} : { serverName }),
  };
}

export function expected(world: World, asked: GeneratedRequest): Expected {
  const answer = explain(world, questionOf(asked));
  if (!isAnswer(answer)) {
    // Nothing is attached to a port of a Gateway that carries no requests: it is closed.
    if (asked.caller === undefined) return { absent: true, endings: [], stages: [], reached: [] };
    throw new TypeError(answer.reason);
  }
  return {
    absent: answer.verdict.kind === 'not-visible',
    reached: answer.arrivals.flatMap(({ workloads }) => workloads),
    endings: endingsOf(world, answer, asked),
    stages: stagesOf(world, answer, asked),
  };
}

/** Of the Gateway, then of the proxy that routes: who says whether it may, how often, who processes it. A path that is refused as such meets none. */
function stagesOf(world: World, answer: Explanation, asked: GeneratedRequest): Stage[] {
  const { entry, routing, verdict } = answer;
  if (verdict.kind === 'bad-request') return [];
  const settings = routing?.settings ?? [];
  const asks = asked.kind === 'tcp' ? [] : asksOf(world, asked.caller ?? EDGE, settings, asked);
  const onRoute: Stage[] = [
    ...asks.filter(({ processes }) => !processes),
    ...limitsOf(settings, `${asked.caller ?? hostAt(world, answer, asked)}/${routing?.rule}`),
    ...asks.filter(({ processes }) => processes),
  ];
  if (entry === undefined) return asked.caller === undefined ? unnamed(world, asked) : onRoute;
  const external =
    asked.kind !== 'tcp' && entry.word.reason.includes('Extension')
      ? [authorization(world, EDGE, asked, entry.settings)]
      : [];
  // Who is refused at the edge is not counted.
  if (!entry.word.allowed) return external;
  const uncounted = isUncounted(answer);
  const optional = <One extends Stage>(one: One): One => (one.kind === 'ask' ? { ...one, optional: uncounted } : one);
  return [
    ...external.map(optional),
    ...(uncounted
      ? []
      : limitsOf(entry.settings, `edge/${entry.listener}${isByProxy(world, asked) ? ' by proxies' : ''}`)),
    ...processorsOf(world, answer, asked).map(optional),
    ...(uncounted ? onRoute.filter(({ kind }) => kind === 'ask') : onRoute),
  ];
}

/** It comes from a proxy whose x-forwarded-for is believed: connections of these have a filter chain of their own, and so buckets (docs/policy.md). */
function isByProxy(world: World, { address }: GeneratedRequest): boolean {
  const told = address === undefined ? undefined : parseIp(address);
  if (told === undefined) return false;
  const believed = world.objects.flatMap((object): readonly string[] =>
    object.kind === 'TrafficPolicy' ? ((object as TrafficPolicy).spec.arrivals?.xForwardedFor?.from ?? []) : [],
  );
  return believed.some((text) => {
    const range = parseCidr(text);
    return range !== undefined && cidrContains(range, told);
  });
}

/** Each virtual host of a listener that a route is attached to has a bucket of its own. */
function hostAt(world: World, { entry }: Explanation, { to, port, request }: GeneratedRequest): string {
  const view = world.view('default');
  const row = view.gateway.get(to)?.listeners.find(({ key }) => key.endsWith(`/${entry?.listener}`));
  const host =
    request.headers
      .find(({ name }) => name === 'host')
      ?.value.toLowerCase()
      .replace(/:.*/, '') ?? '';
  const domains = (view.listenerRoutes.get(row?.key ?? '')?.hosts ?? []).map(({ domain }) => domain);
  const covering = domains.filter((domain) => domain.startsWith('*') && host.endsWith(domain.slice(1)));
  const [longest = ''] = covering.toSorted((a, b) => b.length - a.length);
  return `edge/${port}/${entry?.listener}/${domains.includes(host) ? host : longest}`;
}

/** Of hosts that no listener is for it is not said whom their port asks: it may be whoever some listener there does. */
function unnamed(world: World, asked: GeneratedRequest): Stage[] {
  if (asked.kind === 'tcp' || asked.caller !== undefined) return [];
  const view = world.view('default');
  const { listeners = [] } = view.gateway.get(asked.to) ?? {};
  const keys = listeners.flatMap(({ key, port }) => (port === asked.port ? [key] : []));
  const external = keys.some((key) => view.edgeAccess.get(key)?.some(({ action }) => action === 'EXTERNAL'));
  const sources = new Set(keys.flatMap((key) => view.edgeProcessor.get(key)?.source ?? []));
  const settings = [...sources].map((source) => ({ name: 'asks a service', value: '', source }));
  return [
    ...(external ? [told(world, EDGE, authorization(world, EDGE, asked, []))] : []),
    ...shownTo(world, EDGE, settings, asked),
  ].map((one) => ({ ...one, optional: true }));
}

const processorsOf = (world: World, { entry }: Explanation, asked: GeneratedRequest): Ask[] =>
  asked.kind === 'tcp' ? [] : asksOf(world, EDGE, entry?.settings ?? [], asked).filter(({ processes }) => processes);

/** What no route takes: of a port without TLS with several listeners, each with a bucket of its own, and of connections. */
const isUncounted = ({ verdict, entry, port, protocol }: Explanation): boolean =>
  entry !== undefined && verdict.kind === 'no-route' && (protocol === 'tcp' || port === EDGE_PORTS.other);

/** At a workload: a caller that has a limit of its own takes none of the common one. `identity`: undefined where none is proved, or counts. */
function limitsAt(
  settings: readonly Setting[],
  bucket: string,
  identity: string | undefined,
): ReturnType<typeof limitsOf> {
  const isOwn = ({ name, value }: Setting): boolean => name === 'rate limit' && value.startsWith('of ');
  const own = settings.find(
    (one) => isOwn(one) && identity !== undefined && one.value.startsWith(`of ${identity} instead`),
  );
  return own === undefined
    ? limitsOf(
        settings.filter((one) => !isOwn(one)),
        bucket,
      )
    : limitsOf([own], `${bucket} ${identity}`);
}

const limitsOf = (settings: readonly Setting[], bucket: string): (Limit & { readonly kind: 'limit' })[] =>
  settings.flatMap(({ name, value }) =>
    name === 'rate limit' ? mostOf(value).map((most) => ({ kind: 'limit' as const, bucket, most })) : [],
  );

function endingsOf(world: World, answer: Explanation, asked: GeneratedRequest): Ending[] {
  const { verdict, entry, routing } = answer;
  const rule = ruleOf(routing?.rule ?? verdict.source);
  // What a Fault answers to a part of them.
  const failures = (routing?.failures ?? []).map((one): Ending => ({ status: one.status }));
  switch (verdict.kind) {
    case 'not-visible':
      return [];
    case 'bad-request': {
      const ending = { status: verdict.status, rule: undefined };
      const processors = unnamed(world, asked).flatMap((stage) =>
        stage.kind === 'ask' && stage.processes ? [stage] : [],
      );
      // It is not known here which listener's it is.
      return processors.length === 0 ? [ending] : [ending, { ...ending, shown: processors }];
    }
    case 'no-route':
      return [{ status: verdict.status, rule: undefined }];
    case 'redirect':
      return [
        { status: verdict.status, rule, location: verdict.reason.slice('it is redirected to '.length) },
        ...failures,
      ];
    case 'answered':
      if (verdict.reason.startsWith('CORS answers'))
        return [{ status: verdict.status, ...readersIn([], verdict.reason) }];
      return verdict.flag === 'FI'
        ? failures
        : [{ status: verdict.status, rule, ...locationIn(verdict.reason) }, ...failures];
    case 'denied':
      if (entry?.word.allowed === false || answer.arrivals.length === 0)
        return [{ status: verdict.status, shown: shownTo(world, EDGE, entry?.settings ?? [], asked) }];
      return forwarded(world, answer, rule, asked);
    case 'allowed':
    case 'mixed':
    case 'unavailable':
      return forwarded(world, answer, rule, asked);
  }
}

/** As a setting says it, or the reason of an answer. */
function readersIn(settings: readonly Setting[], reason = ''): Pick<Ending, 'readers'> {
  const text = said(settings, 'CORS') ?? reason;
  return { readers: /(?:^|: )pages of (.*) may read answers$/.exec(text)?.[1] };
}

/** What an answer by 201 or 3xx says of where it is. */
function locationIn(reason: string): Pick<Ending, 'location'> {
  const [, location] = / with Location (.*)$/.exec(reason) ?? [];
  return location === undefined ? {} : { location };
}

function forwarded(world: World, answer: Explanation, rule: string | undefined, asked: GeneratedRequest): Ending[] {
  const { routing } = answer;
  const settings = routing?.settings ?? [];
  const tcp = asked.kind === 'tcp';
  return answer.arrivals
    .filter(({ share }) => share > 0)
    .flatMap((arrival) => backendsOf(answer, arrival.port).map((backend) => [arrival, backend] as const))
    .flatMap(([arrival, backend]): Ending[] => {
      const { port, workloads, allowed, by, status, source, reason } = arrival;
      // Requests are no connections.
      if (!tcp && backend !== undefined && overflows(backend.settings)) return [{ status: 503, rule }];
      const [asker = ''] = workloads;
      const known = arrival.settings ?? [];
      const processors = tcp ? [] : asksOf(world, asker, known, asked);
      const external = reason.includes('Extension') ? [authorization(world, asker, asked, known)] : [];
      // Services may share workloads; each port of a workload has a bucket of its own.
      const proved = tcp || backend?.transport !== 'mtls' ? undefined : identityOf(world, asked);
      const counted = limitsAt(known, `called/${asked.kind}/${port.endsWith('/443')}`, proved).map((limit) => ({
        ...limit,
        each: true as const,
      }));
      if (!allowed) {
        if (by === 'request')
          return [
            {
              status: status ?? 403,
              rule,
              behind: workloads.map(nameOf),
              shown: shownTo(world, asker, known, asked),
              // Who must process it and is not there comes after what counts.
              stages: status === 500 ? [...external, ...counted] : external,
              // That somebody is not there to be asked is said without a name, and what no rule allows by the name of none.
              ...(isRule(source) && asked.caller !== undefined && status !== 500 ? { refusedBy: source } : {}),
            },
            ...oneOfSeveral(arrival, asked, backend).map((one) => ({ ...one, rule })),
          ];
        // Envoy counts a connection before its rules see the first octets of it.
        if (tcp)
          return [
            { status: 0 },
            ...(by === 'connection'
              ? [{ status: 0, only: 'envoy' as const, behind: workloads.map(nameOf), stages: counted }]
              : []),
          ];
        // Envoy sends such a path on where it can, and whoever gets it refuses it.
        if (backend?.path?.startsWith('/') === false)
          return [
            { status: 400, rule },
            { status: 503, rule, only: 'envoy' },
          ];
        return status === undefined ? [{ status: port === '' ? 500 : 503, rule }] : [{ status }];
      }
      if (port === '') return [{ status: 0 }];
      const service = port.slice(0, port.lastIndexOf('/'));
      const names = workloads.length === 0 && by === 'no-proxy' ? [nameOf(service)] : workloads.map(nameOf);
      if (backend?.transport === 'tls' && !isVerified(world, port)) return [{ status: 503, rule }];
      // Octets of TLS are no answer: an engine may call it one that is malformed, or a connection that ended.
      if (SEALED_SERVICES.includes(service) && backend?.transport !== 'tls')
        return [
          { status: 502, rule },
          { status: 503, rule },
        ];
      const reached = { workloads: names, stages: [...external, ...counted, ...processors] };
      if (tcp) return [{ status: 200, ...reached }];
      if (asked.trial === 'slow' && isLate(settings)) return [{ status: 504, stages: reached.stages }];
      const tries = hasBudget(backend?.settings ?? []) ? triesOf(said(settings, 'retries'), asked.request.method) : 0;
      if (typeof asked.trial === 'number' && tries < asked.trial) return [{ status: 503, rule, ...reached }];
      const sticky = stickyOf(backend?.settings ?? [], asked);
      const ending = {
        status: 200,
        rule,
        ...reached,
        ...readersIn(settings),
        arrived: arrivedAs(asked, backend, by !== 'no-proxy'),
        ...(sticky === undefined ? {} : { sticky: `${port} ${sticky}` }),
        ...sessionOf(backend?.settings ?? []),
      };
      if (by === 'no-proxy' || backend?.path === '/' || !/^\/(?:\?|$)/.test(ending.arrived.path)) return [ending];
      // Of slashes alone Envoy leaves two (docs/policy.md).
      const path = ending.arrived.path.replace('/', '//');
      return [ending, { ...ending, arrived: { ...ending.arrived, path }, only: 'envoy' }];
    });
}

/** Of the port, and those in whose place it answers. */
function backendsOf({ routing }: Explanation, port: string): readonly (Routed | undefined)[] {
  const [service, number] = [port.slice(0, port.lastIndexOf('/')), port.slice(port.lastIndexOf('/') + 1)];
  const found = (routing?.backends ?? []).filter((one) => {
    const stands = said(one.settings, 'failover')?.split(/^to |, then |, where /) ?? [];
    return (one.port ?? '') === port || stands.includes(`${service}:${number}`);
  });
  return found.length === 0 ? [undefined] : found;
}

/** Of whoever's proxy calls. */
const identityOf = (world: World, { caller }: GeneratedRequest): string | undefined =>
  world.view('default').workload.get(caller ?? EDGE)?.identity;

type Routed = NonNullable<Explanation['routing']>['backends'][number];

const SEALED_SERVICES = ['shop/sealed', 'shop/vault'];

/** Whether the certificate that stands there comes from an authority and has a name that the policy about it wants. */
function isVerified(world: World, port: string): boolean {
  const row = world.view('default').backendTls.get(port);
  const roots = world.objects.find(
    (one): one is ConfigMap => one.kind === 'ConfigMap' && one.metadata.name === 'roots',
  );
  const text = roots?.spec.data?.['ca.crt']?.trim();
  return (
    row?.trust.kind === 'roots' &&
    text !== undefined &&
    row.trust.pem.includes(text) &&
    row.names.some(({ value }) => value.endsWith('.example'))
  );
}

/** Of an application that answers late. A late try that goes on answers nevertheless. */
const isLate = (settings: readonly Setting[]): boolean =>
  said(settings, 'timeout') === SHORT ||
  (said(settings, 'timeout of a try') === SHORT && said(settings, 'hedging') === undefined);

/** Whether one further try at a time is within it. */
const hasBudget = (settings: readonly Setting[]): boolean =>
  said(settings, 'retry budget') !== '0 % of requests, at least 0 at a time';

function sessionOf(settings: readonly Setting[]): Pick<Ending, 'session'> {
  const [, kind] = /^by the (cookie|header) /.exec(said(settings, 'session') ?? '') ?? [];
  return kind === 'cookie' || kind === 'header' ? { session: kind } : {};
}

const said = (settings: readonly Setting[], name: string): string | undefined =>
  settings.find((setting) => setting.name === name)?.value;

/** Tries after the first when the application answers 503. */
function triesOf(words: string | undefined, method: string): number {
  const [, tries = '0', on = '', methods] = /^(\d+) on (.*?)(?:, for (.*))?$/.exec(words ?? '') ?? [];
  if (methods !== undefined && !methods.split(', ').includes(method)) return 0;
  return on.split(', ').some((word) => ['5xx', 'gateway-error', '503'].includes(word)) ? Number(tries) : 0;
}

/** The Mesh refuses by default. */
const isRule = (source: string | undefined): source is string => source !== undefined && !source.startsWith('Mesh/');

const overflows = (settings: readonly Setting[]): boolean => said(settings, 'limits')?.endsWith(' 0 requests') === true;

/**
 * What no ALLOW matches Envoy lets in nevertheless where a header came several times, as the caller sent it and a route added it, and one of
 * its values is allowed (docs/policy.md; e2e/attack-envoy.test.ts).
 */
function oneOfSeveral(
  { source, status, workloads }: Explanation['arrivals'][number],
  asked: GeneratedRequest,
  backend: Parameters<typeof arrivedAs>[1],
): Ending[] {
  const arrived = arrivedAs(asked, backend, true);
  const repeats = backend?.changes?.headers.some(
    ({ kind, name }) => kind === 'add' && asked.request.headers.some((sent) => sent.name === name),
  );
  return source === undefined && status === undefined && repeats === true
    ? [{ status: 200, workloads: workloads.map(nameOf), arrived, only: 'envoy' }]
    : [];
}

/** What its endpoint is hashed from; undefined: it is not, or of nothing that it has, or it is tried again elsewhere. */
function stickyOf(settings: readonly Setting[], { request: { headers }, trial }: GeneratedRequest): string | undefined {
  if (typeof trial === 'number') return undefined;
  if (!['ring-hash', 'maglev'].includes(said(settings, 'balancing') ?? '')) return undefined;
  return headers.find(({ name }) => name === 'x-user')?.value;
}

/** As every listener of the mesh takes paths. */
const SIDECAR = { normalizePath: true, mergeSlashes: true, pathWithEscapedSlashes: 'reject-request' } as const;

function arrivedAs(
  { request, to, kind }: GeneratedRequest,
  backend: NonNullable<Explanation['routing']>['backends'][number] | undefined,
  /** By a proxy, which makes what a rewrite left canonical again. */
  proxied: boolean,
): NonNullable<Ending['arrived']> {
  const mark = request.path.indexOf('?');
  const query = mark < 0 ? '' : request.path.slice(mark);
  const values = new Map<string, string[]>();
  for (const { name, value } of request.headers) values.set(name, [...(values.get(name) ?? []), value]);
  for (const change of backend?.changes?.headers ?? []) {
    if (change.kind === 'remove') values.delete(change.name);
    else values.set(change.name, [...(change.kind === 'add' ? (values.get(change.name) ?? []) : []), change.value]);
  }
  const text = (name: string): string => spaceless(values.get(name)?.join(',') ?? '');
  const [namespace = '', service = ''] = to.split('/');
  const host = backend?.changes?.host ?? (text('host') || `${service}.${namespace}`);
  const made = proxied ? canonicalPath(backend?.path ?? '', SIDECAR) : undefined;
  const path = made?.kind === 'path' ? made.path : (backend?.path ?? '');
  return { path: `${path}${kind === 'grpc' ? '' : query}`, host, a: text('x-a'), b: text('x-b') };
}

/** `HTTPRoute/shop/route-1#spec.rules[2].matches[0]` is `route-1.2`; of a service without a route there is none. */
const ruleOf = (source: string | undefined): string | undefined => {
  const [, route, rule] = /^(?:HTTP|GRPC)Route\/[^/]+\/([^#]+)#spec\.rules\[(\d+)\]/.exec(source ?? '') ?? [];
  return route === undefined ? undefined : `${route}.${rule}`;
};
