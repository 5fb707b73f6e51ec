/** The answer to a question: hop by hop, by the configuration that the proxies would get and the rules that they run. */
import { formatIp } from '@weft/core/kernel';
import {
  isVisible,
  type MeshView,
  namespaceOf,
  PlainReader,
  type ServiceRow,
  portKey,
  visibilityOfWorkload,
} from '@weft/core/mesh-view';
import type { PatchedConfig } from '@weft/core/proxy-config';
import { onlyHost } from '../behaviours/external/index.ts';
import { HTTP_PROXY_NAME, upstreamListenerName } from '../names.ts';
import { enter } from './entry.ts';
import type { Explanation, Routing, Setting, Unanswerable } from './explanation.ts';
import { answer, answerOfFaults, arrivalsAt, further, heardFrom, ownAnswer, verdictOf } from './onward.ts';
import { LOOPBACK, type Question } from './question.ts';
import { route } from './routing.ts';
import { ASKED_PORT, type World } from './world.ts';

export function explain(world: World, question: Question): Explanation | Unanswerable {
  if (question.gateway === true) return enter(world, question);
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
  if (question.from.kind === 'outside' && question.from.identity !== undefined)
    return {
      reason: 'a caller by SPIFFE ID shows its certificate to a Gateway',
      remedy: 'name one as gateway/NAME[:PORT], or write `outside`',
    };
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
    around: { workload: undefined },
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
  const view = world.view(own);
  const identity = view.workload.get(caller)?.identity;
  if (question.direct === true) {
    const around = { workload: caller };
    const visit = { share: 1, address: LOOPBACK, path: undefined, serverName: '', around };
    const port = portKey(asked.service, asked.port);
    const arrivals = arrivalsAt(world, mesh, question, { ...visit, port, identity });
    const verdict = verdictOf(arrivals, caller, asked.protocol);
    return { ...asked, caller: { workload: caller, identity }, routing: undefined, arrivals, verdict };
  }
  if (own !== mesh && !view.service.has(asked.service)) {
    const reason = `it is in mesh ${mesh} and not exported to mesh ${own}: no upstream listens, the forward proxy answers 502`;
    const verdict = answer('not-visible', 0, '', reason, world.view(mesh).service.get(asked.service)?.source);
    return { ...asked, caller: { workload: caller, identity }, routing: undefined, arrivals: [], verdict };
  }
  const hidden = hiddenBy(view, caller, asked.service);
  if (hidden !== undefined) {
    const reason = 'a Visibility hides it from this caller: no upstream listens, the forward proxy answers 502';
    const verdict = answer('not-visible', 0, '', reason, hidden);
    return { ...asked, caller: { workload: caller, identity }, routing: undefined, arrivals: [], verdict };
  }
  // Of hosts that callers name there is no upstream: the forward proxy is the only way.
  const named = namedHost(view.service.get(asked.service), asked);
  const config =
    named === undefined
      ? world.config(own, caller, { service: asked.service, port: asked.port })
      : world.forwardProxy(own, caller);
  const listener = config.listeners.get(named === undefined ? upstreamListenerName(ASKED_PORT) : HTTP_PROXY_NAME);
  if (listener === undefined)
    return { reason: `nothing can be compiled for ${question.to}`, remedy: 'run `weft check`' };
  const base = { ...asked, caller: { workload: caller, identity } };
  const opaque = named !== undefined && asked.protocol !== 'http';
  const request = opaque ? { ...question.request, method: 'CONNECT', path: '' } : question.request;
  const routed = route(view, config, listener, { ...asked, request, caller, host: named });
  if (routed.kind === 'bad-request') {
    const verdict = answer('bad-request', 400, 'DPE', 'the path is refused as ambiguous', undefined);
    return { ...base, routing: undefined, arrivals: [], verdict };
  }
  const heard = routed.kind === 'http' ? heardFrom(world, own, caller, routed.asked) : [];
  const routing = withPatches(withSettings(routed.routing, heard), config);
  const preflight = routed.kind === 'http' ? routed.preflight : undefined;
  const local =
    preflight ?? answerOfFaults(routing) ?? (routed.kind === 'http' ? ownAnswer(routed.decision) : undefined);
  if (local !== undefined) return { ...base, routing, arrivals: [], verdict: local };
  return {
    ...base,
    routing,
    ...further(world, own, question, { routing, identity, caller, protocol: asked.protocol }),
  };
}

/** A host of those that it stands for, as a request without a Host header is taken to name it; undefined: its proxies know where it is. */
function namedHost(service: ServiceRow | undefined, { port, protocol }: Asked): string | undefined {
  const outside = service?.external;
  if (outside === undefined || outside.endpoints !== undefined || onlyHost(outside) !== '') return undefined;
  const [host = ''] = [...outside.hosts, ...outside.addresses.map((range) => range.replace(/\/.*/, ''))];
  const name = host.replace(/^\*/, 'any');
  return protocol === 'http' && port === 80 ? name : `${name}:${port}`;
}

/** EnginePatches change what the proxy is told in Envoy's messages, which are not looked at here: said beside what holds without them. */
const withPatches = (routing: Routing, { patches = [] }: PatchedConfig): Routing =>
  withSettings(
    routing,
    patches.map(({ source }) => ({ name: 'patch of the engine', value: 'not looked at here', source })),
  );

const withSettings = (routing: Routing, more: readonly Setting[]): Routing =>
  more.length === 0 ? routing : { ...routing, settings: [...routing.settings, ...more] };

/** Source of the Visibility that hides a service from a workload; undefined: none does. */
function hiddenBy(view: MeshView, caller: string, service: string): string | undefined {
  const row = view.visibility.get(visibilityOfWorkload(new PlainReader(view), caller));
  return row === undefined || isVisible(row, namespaceOf(caller), service) ? undefined : row.source;
}
