/** The other side of a call: what the proxies behind its backends say, and what that comes to for the caller. */
import type { Decision } from '@weft/core/decide';
import {
  parsePortKey,
  workloadPortKey,
  type BalancedRow,
  type EndpointRow,
  type MeshView,
  type ProxyHeadersRow,
} from '@weft/core/mesh-view';
import { FILTER_ABSENT } from '../behaviours/ask/index.ts';
import { transportTo } from '../behaviours/mtls/index.ts';
import { arrive, type Word } from './arrival.ts';
import { type Asked, callTo, saidByAsked } from './asked.ts';
import { balancerOf, CLOSED, mayPoseAs, toldBy } from './balancers.ts';
import { changed } from './changes.ts';
import { failedShare, failureWord } from './failures.ts';
import { exposedSettings } from './exposed.ts';
import type { Arrival, Backend, Changes, Failure, Routing, Setting, Verdict } from './explanation.ts';
import { connectionOf, LOOPBACK, type Question } from './question.ts';
import { modeAt, modeOf } from './modes.ts';
import { refusedBy } from './silent.ts';
import { boundSettings, headersTaken, limitSettings, processedBy } from './settings.ts';
import { wordAtWayOut } from './way-out.ts';
import type { World } from './world.ts';

/** The other side of a call by a proxy of `caller`: what the proxies behind its backends say, and what that comes to. */
export function further(
  world: World,
  mesh: string,
  question: Question,
  {
    routing,
    identity,
    caller,
    protocol,
  }: {
    readonly routing: Routing;
    readonly identity: string | undefined;
    readonly caller: string;
    readonly protocol: string;
  },
): { readonly arrivals: readonly Arrival[]; readonly verdict: Verdict } {
  const all = routing.backends.flatMap((backend) => arrivalsOf(world, mesh, question, backend, identity));
  const failures = routing.failures ?? [];
  if (failures.length === 0) return { arrivals: all, verdict: verdictOf(all, caller, protocol) };
  const left = 1 - failedShare(routing);
  const arrivals = [...all.map((one) => ({ ...one, share: one.share * left })), ...failures.map(failed)];
  const refused = all.every(({ allowed }) => !allowed);
  return { arrivals, verdict: verdictOf(refused ? all : arrivals, caller, protocol) };
}

/** A Fault's share stands for one backend. */
const failed = (failure: Failure): Arrival => ({
  port: '',
  workloads: [],
  share: failure.share,
  allowed: false,
  status: failure.status,
  by: 'nobody',
  reason: failureWord(failure),
  source: failure.source,
});

/** What the caller's own proxy answers, without asking anybody; undefined: it forwards. */
export function ownAnswer(decision: Decision): Verdict | undefined {
  switch (decision.kind) {
    case 'forward':
      return undefined;
    case 'no-route':
      return answer('no-route', 404, 'NR', 'no rule of the attached routes matches the request', undefined);
    case 'denied':
      return answer('denied', 403, '', 'a rule of the calling proxy refuses it', decision.source);
    case 'redirect':
      return answer('redirect', decision.status, '', `it is redirected to ${decision.location}`, decision.route.source);
    case 'direct-response':
      return answer('answered', decision.status, '', reasonOf(decision), decision.route.source);
  }
}

function reasonOf({ status, body, location }: Extract<Decision, { kind: 'direct-response' }>): string {
  if (body === FILTER_ABSENT) return 'a filter of its rule is not there';
  if (status === 500 && body === '') return 'its rule leads to no backend';
  return location === undefined ? 'its rule answers itself' : `its rule answers itself, with Location ${location}`;
}

/** The Faults' own answer; undefined: not every such request gets it. */
export function answerOfFaults(routing: Routing): Verdict | undefined {
  const [first] = routing.failures ?? [];
  return first === undefined || failedShare(routing) < 1
    ? undefined
    : answer('answered', first.status, 'FI', failureWord(first), first.source);
}

export const answer = (
  kind: Verdict['kind'],
  status: number,
  flag: string,
  reason: string,
  source: string | undefined,
): Verdict => ({ kind, status, flag, reason, source });

function arrivalsOf(
  world: World,
  mesh: string,
  question: Question,
  backend: Backend,
  identity: string | undefined,
): Arrival[] {
  if (backend.port === undefined)
    return [
      {
        port: '',
        workloads: [],
        share: backend.share,
        allowed: backend.answer !== undefined,
        by: 'nobody',
        reason: backend.answer ?? 'the reference does not resolve: its share is answered with 500',
        source: backend.source,
      },
    ];
  // A CONNECT has none.
  if (backend.path !== undefined && backend.path !== '' && !backend.path.startsWith('/'))
    return [
      {
        port: backend.port,
        workloads: [],
        share: backend.share,
        allowed: false,
        status: 400,
        by: 'nobody',
        reason: 'what its rewrite leaves of the path does not begin with `/`',
        source: backend.source,
      },
    ];
  const port = answering(world, mesh, backend.port);
  // Who stands in is called as itself.
  const proves = port === backend.port ? backend.transport === 'mtls' : provesTo(world.view(mesh), port);
  return arrivalsAt(world, mesh, question, {
    port,
    share: backend.share,
    identity: proves ? identity : undefined,
    address: LOOPBACK,
    path: backend.path,
    changes: backend.changes,
    serverName: '',
  });
}

const provesTo = (view: MeshView, port: string): boolean =>
  !view.backendTls.has(port) && modeOf(view, port).mode !== 'disabled';

/** The service itself, or the first of its stand-ins that anybody is behind. */
function answering(world: World, mesh: string, port: string): string {
  const behind = (key: string): boolean => {
    const { service } = parsePortKey(key);
    const view = world.view(world.homeOf(mesh, service));
    return reachable(view, { port: key }).length > 0;
  };
  if (behind(port)) return port;
  return world.view(mesh).failover.get(port)?.to.find(behind) ?? port;
}

interface Visit {
  readonly port: string;
  readonly share: number;
  readonly identity: string | undefined;
  readonly address: Parameters<typeof connectionOf>[0]['address'];
  /** As it goes on, without query; undefined: as it was asked. */
  readonly path: string | undefined;
  /** What else of it is changed on its way; absent: nothing. */
  readonly changes?: Changes | undefined;
  readonly serverName: string;
  /** It goes around the routes of a proxy: a workload, by its key, or anybody outside; absent: by a proxy of the mesh. */
  readonly around?: { readonly workload: string | undefined };
}

/** The workloads behind a port that `caller`, a mesh, knows, grouped by what their proxies say. */
export function arrivalsAt(world: World, caller: string, question: Question, visit: Visit): Arrival[] {
  const mesh = world.homeOf(caller, visit.port.slice(0, visit.port.lastIndexOf('/')));
  const view = world.view(mesh);
  const outside = outsideWord(world.view(caller), visit, () => wordAtWayOut(world, caller, question, visit));
  if (outside !== undefined) return [{ port: visit.port, workloads: [], share: visit.share, ...outside }];
  const balanced = view.balanced.get(visit.port) ?? [];
  const endpoints: readonly (Pick<BalancedRow, 'endpoint'> & Partial<BalancedRow>)[] = [
    ...reachable(view, visit).map((endpoint) => ({ endpoint })),
    ...(visit.around === undefined ? [] : balanced),
  ];
  if (endpoints.length === 0)
    return [
      {
        port: visit.port,
        workloads: [],
        share: visit.share,
        allowed: false,
        by: 'nobody',
        ...nobody(view, visit, balanced),
      },
    ];
  const groups = new Map<string, { readonly word: Word; readonly workloads: string[] }>();
  for (const { endpoint, headers } of endpoints) {
    const word = wordOf(world, mesh, question, visit, endpoint, headers);
    const key = JSON.stringify(word);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { word, workloads: [endpoint.workload] });
    else group.workloads.push(endpoint.workload);
  }
  return [...groups.values()].map(({ word, workloads }) => ({
    port: visit.port,
    workloads,
    share: (visit.share * workloads.length) / endpoints.length,
    ...word,
  }));
}

function nobody(view: MeshView, { port }: Visit, [first]: readonly BalancedRow[]): Pick<Word, 'reason' | 'source'> {
  if (first !== undefined) return { reason: CLOSED, source: first.headers.source };
  const [open] = view.unenforced.get(port) ?? [];
  return open === undefined
    ? {
        reason: 'no workload stands behind it',
        source: view.service.get(port.slice(0, port.lastIndexOf('/')))?.source,
      }
    : {
        reason: `${open.workload} has no proxy that could enforce what is said of it: it is not called`,
        source: open.source,
      };
}

/** Of hosts outside the mesh, and of services whose certificate nobody could verify. */
function outsideWord(view: MeshView, { port }: Visit, atWayOut: () => Word | undefined): Word | undefined {
  const tls = view.backendTls.get(port);
  if (tls?.trust.kind === 'nobody')
    return { allowed: false, by: 'nobody', reason: 'its certificate cannot be verified', source: tls.source };
  const service = view.service.get(port.slice(0, port.lastIndexOf('/')));
  return service?.external === undefined
    ? undefined
    : (atWayOut() ?? {
        allowed: true,
        by: 'no-proxy',
        reason: `it is outside the mesh: ${[...service.external.hosts, ...service.external.addresses].join(', ')}`,
        source: service.source,
      });
}

/** Where mutual TLS is strict nobody is sent to an endpoint without a proxy. */
const reachable = (view: MeshView, { port }: Pick<Visit, 'port'>): readonly EndpointRow[] =>
  (view.endpoints.get(port) ?? []).filter((endpoint) => transportTo(endpoint, view.backendTls.has(port)) !== undefined);

/** `headers`: what the port takes; undefined: no PROXY headers. */
function wordOf(
  world: World,
  mesh: string,
  question: Question,
  visit: Visit,
  endpoint: EndpointRow,
  headers: ProxyHeadersRow | undefined,
): Word {
  const around = visit.around?.workload;
  const posing = headers !== undefined && around !== undefined;
  if (posing && question.balanced !== true && !mayPoseAs(world, around, headers))
    return { allowed: false, by: 'connection', reason: CLOSED, source: headers.source };
  const row = world.view(mesh).workload.get(endpoint.workload);
  const port = row?.ports.find(
    (candidate) => (endpoint.sidecar ? candidate.proxyPort : candidate.port) === endpoint.port,
  );
  const [namespace = '', name = ''] = question.to.split('/');
  const { request } = question;
  const mark = request.path.indexOf('?');
  const query = mark < 0 ? '' : request.path.slice(mark);
  const path = visit.path === undefined ? request.path : `${visit.path}${query}`;
  const words = (posing ? toldBy(world.view(mesh), endpoint.workload, visit) : [visit]).map(({ identity, address }) =>
    arrive(
      world.config(mesh, endpoint.workload),
      port?.port ?? 0,
      connectionOf({
        identity: endpoint.sidecar ? identity : undefined,
        address,
        through: headers === undefined ? undefined : balancerOf(headers),
        port: endpoint.port,
        serverName: visit.serverName,
      }),
      `${name}.${namespace}`,
      { ...changed(request, visit.changes), path },
    ),
  );
  // Whoever may tell an address tells the one that lets it in.
  const [first] = words;
  if (first === undefined) throw new Error('who arrives has an address');
  const { asked = [], ...word } = words.find(({ allowed }) => allowed) ?? first;
  // A workload without a proxy counts nothing, and shows nothing to anybody.
  if (word.by === 'no-proxy') return word;
  const at = workloadPortKey(endpoint.workload, port?.port ?? 0);
  const limit = world.view(mesh).arrivalLimit.get(at);
  const processor = world.view(mesh).arrivalProcessor.get(at);
  const mode = modeAt(world.view(mesh), endpoint.workload, port?.port ?? 0);
  const settings = [
    ...(world.view(mesh).arrivalMtls.has(at)
      ? [{ name: 'mTLS at the port', value: mode.mode, source: mode.source }]
      : []),
    ...exposedSettings(world.view(mesh), visit.port, endpoint.workload),
    ...(headers === undefined ? [] : [headersTaken(headers)]),
    ...boundSettings(world.view(mesh).arrivalBounds.get(at)),
    ...(limit === undefined ? [] : limitSettings(limit)),
    ...(processor === undefined ? [] : [processedBy(processor)]),
    // Who asks about a request is not asked about itself.
    ...(question.direct === true ? [] : heardFrom(world, mesh, endpoint.workload, asked)),
  ];
  const source =
    word.status === 500
      ? (word.source ?? (processor ?? limit)?.source)
      : (word.source ??
        (word.allowed
          ? undefined
          : refusedBy(world.view(mesh), at, word, endpoint.sidecar && visit.identity !== undefined)));
  return { ...word, source, ...(settings.length === 0 ? {} : { settings }) };
}

/** What the policies about whom a proxy asks say to the asking: they hold for it as for every call. */
export const heardFrom = (world: World, mesh: string, asker: string, asked: readonly Asked[]): Setting[] =>
  asked.flatMap((one) => {
    const { service, port } = parsePortKey(one.port);
    const request = callTo(one);
    const question = { from: { kind: 'workload', key: asker }, to: service, port, request, direct: true } as const;
    const arrivals = arrivalsAt(world, mesh, question, {
      port: one.port,
      share: 1,
      identity: world.view(mesh).workload.get(asker)?.identity,
      address: LOOPBACK,
      path: undefined,
      serverName: '',
    });
    return saidByAsked(one, arrivals);
  });

/** What the caller sees of the called side's words. */
export function verdictOf(arrivals: readonly Arrival[], caller: string, protocol: string): Verdict {
  const refused = arrivals.filter(({ allowed }) => !allowed);
  const [first] = refused;
  if (first === undefined) {
    const source = arrivals.length === 1 ? arrivals[0]?.source : undefined;
    return answer('allowed', 0, '', `${caller} may`, source);
  }
  const closed = protocol === 'tcp';
  if (refused.length < arrivals.length) {
    const share = refused.reduce((sum, arrival) => sum + arrival.share, 0);
    return answer('mixed', 0, '', `${percent(share)} of it fails: ${first.reason}`, first.source);
  }
  if (first.by === 'request') return answer('denied', first.status ?? 403, '', first.reason, first.source);
  if (first.status === 400) return answer('unavailable', first.status, '', first.reason, first.source);
  if (first.by !== 'nobody') return answer('denied', closed ? 0 : 503, 'UC', first.reason, first.source);
  return first.port === ''
    ? answer('unavailable', closed ? 0 : 500, 'NC', first.reason, first.source)
    : answer('unavailable', closed ? 0 : 503, 'UH', first.reason, first.source);
}

export const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
