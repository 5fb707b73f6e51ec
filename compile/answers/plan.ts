/** What a change would do before it is done: proxies and resources touched, calls that fare otherwise, invariants that break. */
import type { Diagnostic } from '@weft/core/kernel';
import { byName, portKey, type MeshView } from '@weft/core/mesh-view';
import type { PatchedConfig, ProxyConfig, TableName } from '@weft/core/proxy-config';
import { behindPort } from './balancers.ts';
import { type CallChange, compare } from './change.ts';
import { exposedLines } from './exposed.ts';
import { brokenInvariants } from './invariants.ts';
import { matched, probesOf } from './probes.ts';
import { GET_ROOT, OUTSIDER, type Caller, type StatedRequest } from './question.ts';
import type { World } from './world.ts';

export interface Plan {
  /** Keys of workloads whose inbound side changes. */
  readonly proxies: readonly string[];
  readonly workloads: number;
  /** Service ports whose routes, clusters or endpoints change, as callers see them. */
  readonly ports: readonly string[];
  readonly calls: readonly CallChange[];
  /** What anybody may ask without authentication then, and could not before; what nobody can any more. */
  readonly exposed: readonly string[];
  readonly closed: readonly string[];
  /** Questions that were asked of both; `cut` when there would have been more. */
  readonly asked: number;
  readonly cut: boolean;
  /** Of the mesh after the change that held before it, and those that did not hold before either. */
  readonly broken: readonly Diagnostic[];
  readonly brokenBefore: readonly Diagnostic[];
}

const MOST_QUESTIONS = 100_000;

export function planOf(before: World, after: World): Plan {
  const meshes = [...new Set([...before.meshes, ...after.meshes])].sort(byName);
  const brokenBefore = brokenInvariants(before);
  const known = new Set(brokenBefore.map(textOf));
  const proxies = new Set<string>();
  const ports = new Set<string>();
  const calls: CallChange[] = [];
  const exposed: string[] = [];
  const closed: string[] = [];
  let workloads = 0;
  let asked = 0;
  for (const mesh of meshes) {
    const views = [before.view(mesh), after.view(mesh)] as const;
    workloads += views[1].workload.size;
    const [old, now] = [exposedLines(views[0]), exposedLines(views[1])];
    exposed.push(...now.filter((line) => !old.includes(line)));
    closed.push(...old.filter((line) => !now.includes(line)));
    for (const key of changedProxies(before, after, mesh)) proxies.add(key);
    const callers = callersIn(...views);
    for (const port of changedPorts(before, after, mesh, proxies)) {
      ports.add(port.key);
      for (const request of port.protocol === 'tcp' ? probesOf([], port.key) : probesOf(views, port.key)) {
        const alike = new Map<string, CallChange>();
        for (const { caller, name } of callers) {
          if (asked >= MOST_QUESTIONS) break;
          asked += 1;
          const change = compare(before, after, { from: caller, to: port.service, port: port.port, request }, name);
          if (change === undefined) continue;
          const key = JSON.stringify([change.kind, change.before, change.after, change.from, change.to]).replaceAll(
            name,
            '',
          );
          const first = alike.get(key);
          alike.set(key, first === undefined ? change : { ...first, others: first.others + 1 });
        }
        calls.push(...alike.values());
      }
    }
    for (const gateway of changedGateways(before, after, mesh, proxies))
      for (const { port, request } of entriesOf(views, gateway)) {
        if (asked >= MOST_QUESTIONS || OUTSIDER === undefined) break;
        asked += 1;
        const change = compare(before, after, { from: OUTSIDER, to: gateway, port, request, gateway: true }, '');
        if (change !== undefined) calls.push(change);
      }
  }
  return {
    proxies: [...proxies].sort(byName),
    workloads,
    ports: [...ports].sort(byName),
    calls,
    exposed,
    closed,
    asked,
    cut: asked >= MOST_QUESTIONS,
    broken: brokenInvariants(after).filter((finding) => !known.has(textOf(finding))),
    brokenBefore,
  };
}

const textOf = ({ message, place }: Diagnostic): string => `${place.object} ${place.path} ${message}`;

interface NamedCaller {
  readonly caller: Caller;
  readonly name: string;
}

/** One workload an identity, network and what routes ask about callers, and somebody outside. */
function callersIn(before: MeshView, view: MeshView): NamedCaller[] {
  const classes = new Map<string, NamedCaller>();
  for (const { key, identity, addresses } of view.workload.values()) {
    const of = [
      identity,
      addresses[0]?.network ?? '',
      ...[before, view].flatMap((one) => one.callerConditions.get(key) ?? []),
    ].join(' ');
    if (!classes.has(of)) classes.set(of, { caller: { kind: 'workload', key }, name: key });
  }
  return OUTSIDER === undefined ? [...classes.values()] : [...classes.values(), { caller: OUTSIDER, name: '' }];
}

function changedProxies(before: World, after: World, mesh: string): string[] {
  const keys = new Set([...before.view(mesh).workload.keys(), ...after.view(mesh).workload.keys()]);
  return [...keys].filter((key) => whole(before.config(mesh, key)) !== whole(after.config(mesh, key)));
}

/** Gateways whose processes get otherwise, or behind which a proxy does. */
function changedGateways(before: World, after: World, mesh: string, proxies: ReadonlySet<string>): string[] {
  const keys = new Set([before, after].flatMap((world) => [...world.view(mesh).gateway.keys()]));
  const seen = (world: World, key: string): string => {
    const served = world.gatewayConfig(mesh, key);
    return served === undefined ? '' : whole(served.config);
  };
  return [...keys].filter((key) => proxies.size > 0 || seen(before, key) !== seen(after, key)).sort(byName);
}

/** A request for each thing that routes of a Gateway tell apart, at each of its host names. */
function entriesOf(
  views: readonly MeshView[],
  gateway: string,
): { readonly port: number; readonly request: StatedRequest }[] {
  const entries = new Map<string, { readonly port: number; readonly request: StatedRequest }>();
  for (const view of views)
    for (const { key, port, protocol } of view.gateway.get(gateway)?.listeners ?? []) {
      if (protocol !== 'http' && protocol !== 'https') continue;
      for (const { domain, entries: list } of view.listenerRoutes.get(key)?.hosts ?? [])
        for (const probe of [GET_ROOT, ...list.flatMap(({ match }) => matched(match))]) {
          const host = domain === '*' ? 'any.example' : domain.replace(/^\*/, 'any');
          const request = { ...probe, headers: [{ name: 'host', value: host }, ...probe.headers] };
          entries.set(JSON.stringify([port, request]), { port, request });
        }
    }
  return [...entries.values()].slice(0, MOST_ENTRIES);
}

/** Questions a Gateway. */
const MOST_ENTRIES = 200;

interface ChangedPort {
  readonly key: string;
  readonly service: string;
  readonly port: number;
  readonly protocol: string;
}

/** Ports that callers see otherwise, and those with a changed proxy behind them. */
function changedPorts(before: World, after: World, mesh: string, proxies: ReadonlySet<string>): ChangedPort[] {
  const found: ChangedPort[] = [];
  const services = new Map([...before.view(mesh).service, ...after.view(mesh).service]);
  for (const { key: service, ports } of services.values())
    for (const { port, protocol } of ports) {
      const key = portKey(service, port);
      const seen = (world: World): string => seenBy(world, mesh, service, port);
      const destinations = [before, after].flatMap((world) => endsAt(world.view(mesh), key));
      const behind = destinations.some((one) =>
        [before, after].some((world) => touched(world.view(mesh), one, proxies)),
      );
      if (behind || seen(before) !== seen(after)) found.push({ key, service, port, protocol });
    }
  return found;
}

const touched = (view: MeshView, port: string, proxies: ReadonlySet<string>): boolean =>
  behindPort(view, port).some(({ workload }) => proxies.has(workload));

/** The port and the backends of its routes. */
const endsAt = (view: MeshView, port: string): string[] => [
  port,
  ...(view.httpRules.get(port) ?? []).flatMap(({ rule }) =>
    rule.backends.flatMap((backend) => (backend.kind === 'service' ? [portKey(backend.service, backend.port)] : [])),
  ),
];

function seenBy(world: World, mesh: string, service: string, port: number): string {
  const view = world.view(mesh);
  // Callers that routes tell apart, each once.
  const callers = new Map(
    [...view.workload.keys()].reverse().map((key) => [(view.callerConditions.get(key) ?? []).join(' '), key]),
  );
  const shapes = [...callers.values()].map((caller) =>
    shape(world.config(mesh, caller, { service, port }), (name) => !name.startsWith('inbound/')),
  );
  return [...new Set(shapes)].sort(byName).join('\n');
}

const TABLES: readonly TableName[] = ['listeners', 'routes', 'clusters', 'endpoints'];

const shape = (config: ProxyConfig, counts: (name: string) => boolean = () => true): string =>
  JSON.stringify(TABLES.map((table) => [...config[table]].filter(([name]) => counts(name))));

/** With what EnginePatches change of it. */
const whole = (config: PatchedConfig): string => shape(config) + JSON.stringify(config.patches ?? []);
