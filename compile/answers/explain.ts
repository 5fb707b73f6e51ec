/** The answer to a question: hop by hop, by the configuration that the proxies would get and the rules that they run. */
import type { Decision } from '@weft/core/decide';
import { formatIp } from '@weft/core/kernel';
import { ONLY, portKey, type EndpointRow, type MeshView } from '@weft/core/mesh-view';
import { upstreamListenerName } from '../names.ts';
import { arrive, type Word } from './arrival.ts';
import type { Arrival, Backend, Explanation, Verdict } from './explanation.ts';
import { connectionOf, LOOPBACK, type Question } from './question.ts';
import { route } from './routing.ts';
import { ASKED_PORT, type World } from './world.ts';

/** Why a question has no answer, and what to ask instead. */
export interface Unanswerable {
  readonly reason: string;
  readonly remedy: string;
}

export function explain(world: World, question: Question): Explanation | Unanswerable {
  const mesh = world.meshOf('service', question.to);
  if (mesh === undefined)
    return { reason: `there is no Service ${question.to}`, remedy: 'name one as NAMESPACE/NAME, or create it' };
  const view = world.view(mesh);
  const service = view.service.get(question.to);
  const port =
    question.port === undefined && service?.ports.length === 1
      ? service.ports[0]
      : service?.ports.find((candidate) => candidate.port === question.port);
  if (port === undefined) {
    const ports = (service?.ports ?? []).map((one) => one.port).join(', ');
    return {
      reason:
        question.port === undefined
          ? `${question.to} has several ports`
          : `${question.to} has no port ${question.port}`,
      remedy: `name one of ${ports} as SERVICE:PORT`,
    };
  }
  const asked = { service: question.to, port: port.port, protocol: port.protocol };
  return question.from.kind === 'outside'
    ? fromOutside(world, mesh, question, asked)
    : fromWorkload(world, mesh, question, question.from.key, asked);
}

export const isAnswer = (answer: Explanation | Unanswerable): answer is Explanation => 'verdict' in answer;

type Asked = Pick<Explanation, 'service' | 'port' | 'protocol'>;

/** Without a proxy of its own a caller connects to the workloads behind the port, in plaintext. */
function fromOutside(world: World, mesh: string, question: Question, asked: Asked): Explanation {
  const address = question.from.kind === 'outside' ? question.from.address : undefined;
  const arrivals = arrivalsAt(world, mesh, question, {
    port: portKey(asked.service, asked.port),
    share: 1,
    identity: undefined,
    address,
    path: undefined,
    serverName: '',
  });
  return {
    ...asked,
    caller: { workload: undefined, identity: undefined },
    routing: undefined,
    arrivals,
    verdict: verdictOf(arrivals, address === undefined ? '' : formatIp(address), asked.protocol),
  };
}

function fromWorkload(
  world: World,
  mesh: string,
  question: Question,
  caller: string,
  asked: Asked,
): Explanation | Unanswerable {
  const own = world.meshOf('workload', caller);
  if (own === undefined)
    return { reason: `there is no workload ${caller}`, remedy: 'see `weft get workloads -A`, or name an address' };
  if (own !== mesh)
    return {
      reason: `${caller} is in mesh ${own}, ${question.to} in mesh ${mesh}: nothing of one is seen in the other`,
      remedy: 'put their namespaces into one mesh',
    };
  const view = world.view(mesh);
  const identity = view.workload.get(caller)?.identity;
  if (question.direct === true) {
    const secured = view.mesh.get(ONLY)?.mtls !== 'disabled';
    const visit = { share: 1, address: LOOPBACK, path: undefined, serverName: '' };
    const port = portKey(asked.service, asked.port);
    const arrivals = arrivalsAt(world, mesh, question, { ...visit, port, identity: secured ? identity : undefined });
    const verdict = verdictOf(arrivals, caller, asked.protocol);
    return { ...asked, caller: { workload: caller, identity }, routing: undefined, arrivals, verdict };
  }
  const config = world.config(mesh, caller, { service: asked.service, port: asked.port });
  const listener = config.listeners.get(upstreamListenerName(ASKED_PORT));
  if (listener === undefined)
    return { reason: `nothing can be compiled for ${question.to}`, remedy: 'run `weft check`' };
  const base = { ...asked, caller: { workload: caller, identity } };
  const routed = route(view, config, listener, { ...asked, request: question.request });
  if (routed.kind === 'bad-request') {
    const verdict = answer('bad-request', 400, 'DPE', 'the path is refused as ambiguous', undefined);
    return { ...base, routing: undefined, arrivals: [], verdict };
  }
  const { routing } = routed;
  const local = routed.kind === 'http' ? ownAnswer(routed.decision) : undefined;
  if (local !== undefined) return { ...base, routing, arrivals: [], verdict: local };
  const arrivals = routing.backends.flatMap((backend) => arrivalsOf(world, mesh, question, backend, identity));
  return { ...base, routing, arrivals, verdict: verdictOf(arrivals, caller, asked.protocol) };
}

/** What the caller's own proxy answers, without asking anybody; undefined: it forwards. */
function ownAnswer(decision: Decision): Verdict | undefined {
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
      return answer(
        'answered',
        decision.status,
        '',
        decision.status === 500 ? 'its rule leads to no backend' : 'its rule answers itself',
        decision.route.source,
      );
  }
}

const answer = (
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
  return arrivalsAt(world, mesh, question, {
    port: backend.port,
    share: backend.share,
    identity: backend.transport === 'mtls' ? identity : undefined,
    address: LOOPBACK,
    path: backend.path,
    serverName: '',
  });
}

interface Visit {
  readonly port: string;
  readonly share: number;
  readonly identity: string | undefined;
  readonly address: Parameters<typeof connectionOf>[0]['address'];
  /** As it goes on, without query; undefined: as it was asked. */
  readonly path: string | undefined;
  readonly serverName: string;
}

/** The workloads behind a port, grouped by what their proxies say. */
function arrivalsAt(world: World, mesh: string, question: Question, visit: Visit): Arrival[] {
  const view = world.view(mesh);
  const endpoints = reachable(view, visit);
  if (endpoints.length === 0)
    return [
      {
        port: visit.port,
        workloads: [],
        share: visit.share,
        allowed: false,
        by: 'nobody',
        reason: 'no workload stands behind it',
        source: view.service.get(visit.port.slice(0, visit.port.lastIndexOf('/')))?.source,
      },
    ];
  const groups = new Map<string, { readonly word: Word; readonly workloads: string[] }>();
  for (const endpoint of endpoints) {
    const word = wordOf(world, mesh, question, visit, endpoint);
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

/** A caller that verifies certificates leaves out endpoints without a proxy; so do strict meshes altogether. */
const reachable = (view: MeshView, { port }: Visit): readonly EndpointRow[] =>
  (view.endpoints.get(port) ?? []).filter(({ sidecar }) => sidecar || view.mesh.get(ONLY)?.mtls !== 'strict');

function wordOf(world: World, mesh: string, question: Question, visit: Visit, endpoint: EndpointRow): Word {
  const row = world.view(mesh).workload.get(endpoint.workload);
  const port = row?.ports.find(
    (candidate) => (endpoint.sidecar ? candidate.proxyPort : candidate.port) === endpoint.port,
  );
  const connection = connectionOf({
    identity: endpoint.sidecar ? visit.identity : undefined,
    address: visit.address,
    port: endpoint.port,
    serverName: visit.serverName,
  });
  const [namespace = '', name = ''] = question.to.split('/');
  const { request } = question;
  const mark = request.path.indexOf('?');
  const query = mark < 0 ? '' : request.path.slice(mark);
  const path = visit.path === undefined ? request.path : `${visit.path}${query}`;
  return arrive(world.config(mesh, endpoint.workload), port?.port ?? 0, connection, `${name}.${namespace}`, {
    ...request,
    path,
  });
}

/** What the caller sees of the called side's words. */
function verdictOf(arrivals: readonly Arrival[], caller: string, protocol: string): Verdict {
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
  if (first.by !== 'nobody') return answer('denied', closed ? 0 : 503, 'UC', first.reason, first.source);
  return first.port === ''
    ? answer('unavailable', closed ? 0 : 500, 'NC', first.reason, first.source)
    : answer('unavailable', closed ? 0 : 503, 'UH', first.reason, first.source);
}

export const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
