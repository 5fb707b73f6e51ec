/**
 * What reaches a service from outside, by way of Gateways (Invariant `spec.outside`): each route of each listener that leads to it is asked for with
 * requests that it takes. What cannot be asked for so (a match by expression, a listener that asks for certificates, datagrams) counts as let in
 * unless the called side refuses the gateway itself.
 */
import {
  byName,
  portKey,
  type GatewayListenerRow,
  type HttpEntryRow,
  type HttpRuleRow,
  type MeshView,
} from '@weft/core/mesh-view';
import type { Invariant } from '@weft/core/resources';
import { explain, isAnswer } from './explain.ts';
import { matched } from './probes.ts';
import { GET_ROOT, OUTSIDER, type StatedRequest } from './question.ts';
import { populate } from './stand-ins.ts';
import { World } from './world.ts';

type Outside = NonNullable<Invariant['spec']['outside']>;

/** The same mesh with a process for each Gateway and a workload behind each service that have none: an invariant holds before they run. */
export const whenAllRuns = (world: World): World =>
  new World(populate(world.objects, { service: undefined, caller: undefined, gateway: '*', running: false }).objects);

/** Every way in from outside that the invariant forbids, as a phrase each. */
export function entriesTo(world: World, { reach, except }: Outside, service: string, port: number): string[] {
  const key = portKey(service, port);
  const spared = new Set(except.map(({ namespace, name }) => `${namespace}/${name}`));
  const said: string[] = [];
  for (const mesh of [...world.meshes].sort(byName)) {
    const view = world.view(mesh);
    const behind = new Set(placesAt(view, key));
    const target: Target = {
      service,
      port,
      leads: (to) => to === key || placesAt(view, to).some((one) => behind.has(one)),
    };
    for (const [gateway, { listeners }] of view.gateway)
      if (!spared.has(gateway))
        for (const listener of listeners)
          said.push(...entriesAt(world, view, { gateway, listener, target, tokens: reach === 'WithToken' }));
  }
  return said;
}

interface Target {
  readonly service: string;
  readonly port: number;
  /** Whether a port key is that of the service, or has some of the same workloads behind it (a Subset, another Service). */
  leads(port: string): boolean;
}

const placesAt = (view: MeshView, key: string): string[] =>
  (view.endpoints.get(key) ?? []).map(({ workload, port }) => `${workload} ${port}`);

interface Door {
  readonly gateway: string;
  readonly listener: GatewayListenerRow;
  readonly target: Target;
  /** Tokens make a difference. */
  readonly tokens: boolean;
}

function entriesAt(world: World, view: MeshView, door: Door): string[] {
  const { gateway, listener, target } = door;
  const { hosts = [], streams = [] } = view.listenerRoutes.get(listener.key) ?? {};
  const said: string[] = [];
  const without = door.tokens ? ' without a token' : '';
  const via = `through Gateway ${gateway}`;
  for (const { domain, entries } of hosts)
    for (const entry of entries) {
      const copied = copiesOf(entry).some((one) => target.leads(portKey(one.service, one.port)));
      if (!copied && !backendsOf(entry.rule).some((key) => target.leads(key))) continue;
      const probes = copied || wantsCertificate(listener) ? [] : requestsOf(domain, entry);
      const passing = probes.find((request) => enters(world, door, request));
      if (passing !== undefined)
        said.push(`${passing.method} ${hostOf(passing)}${passing.path} gets through from outside${without}, ${via}`);
      else if (probes.length === 0 && admits(world, view, door))
        said.push(
          `what ${entry.source} takes may get through from outside${without}, ${via}: it cannot be tried by a request`,
        );
    }
  for (const { name, rule } of streams) {
    if (!backendsOf(rule).some((key) => target.leads(key))) continue;
    const host = name === '*' ? 'any.example' : name.replace(/^\*/, 'any');
    const passes =
      listener.protocol === 'udp' || wantsCertificate(listener)
        ? admits(world, view, door)
        : enters(world, door, { ...GET_ROOT, headers: [{ name: 'host', value: host }] });
    if (passes) said.push(`a connection${name === '*' ? '' : ` to ${name}`} gets through from outside, ${via}`);
  }
  return said;
}

const wantsCertificate = ({ clientAuthorities, tls }: GatewayListenerRow): boolean =>
  clientAuthorities.length > 0 && !tls.clientsOptional;

const backendsOf = ({ backends }: Pick<HttpRuleRow, 'backends'>): string[] =>
  backends.flatMap((one) => (one.kind === 'service' ? [portKey(one.service, one.port)] : []));

/** Services that get a copy of what the entry takes. */
const copiesOf = ({ rule: { filters, backends } }: HttpEntryRow) =>
  [...filters, ...backends.flatMap((one) => (one.kind === 'service' ? one.filters : []))].flatMap((filter) =>
    filter.kind === 'mirror' ? [filter] : [],
  );

const hostOf = ({ headers }: StatedRequest): string => headers.find(({ name }) => name === 'host')?.value ?? '';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Requests that the match takes, with each method that it leaves open. */
function requestsOf(domain: string, { match }: HttpEntryRow): StatedRequest[] {
  const host = domain === '*' ? 'any.example' : domain.replace(/^\*/, 'any');
  const methods = match.method === '' ? METHODS : [match.method];
  return matched(match).flatMap((probe) =>
    methods.map((method) => ({ ...probe, method, headers: [{ name: 'host', value: host }, ...probe.headers] })),
  );
}

function enters(world: World, { gateway, listener, target }: Door, request: StatedRequest): boolean {
  if (OUTSIDER === undefined) return true;
  const answer = explain(world, { from: OUTSIDER, to: gateway, gateway: true, port: listener.port, request });
  return isAnswer(answer) && answer.arrivals.some(({ allowed, port }) => allowed && target.leads(port));
}

/** Whether the called side lets the gateway's own identity in with a request without a token. */
function admits(world: World, view: MeshView, { gateway, target: { service, port } }: Door): boolean {
  const mesh = world.meshes.find((name) => world.view(name) === view) ?? '';
  const served = world.gatewayConfig(mesh, gateway);
  if (served === undefined) return true;
  const from = { kind: 'workload', key: served.workload } as const;
  return METHODS.some((method) => {
    const answer = explain(world, { from, to: service, port, request: { ...GET_ROOT, method }, direct: true });
    return !isAnswer(answer) || answer.arrivals.some(({ allowed }) => allowed);
  });
}
