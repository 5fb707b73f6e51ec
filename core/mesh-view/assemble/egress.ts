/** The way out of ExternalServices by Gateways (`spec.egressGateway`): who may take it, and who stands there. */
import { type ExternalService, objectName } from '../../resources/index.ts';
import { byName, objectKey, portKey } from '../keys.ts';
import type { WorkloadLiveness } from '../liveness.ts';
import type { EndpointRow, ServiceRow, WorkloadRow } from '../rows.ts';
import type { ThroughRow } from '../egress-rows.ts';
import type { GatewayDraft, ListenerDraft } from './gateways.ts';
import { type GatewayParents, takesFrom } from './gateway-parents.ts';
import type { Memory } from './memory.ts';
import type { Fault } from './status.ts';

const NOWHERE: ThroughRow = { gateway: '', listener: '', port: 0 };

/** undefined: it is reached without a Gateway. */
export function wayOut(
  { metadata, spec: { egressGateway: wanted } }: ExternalService,
  parents: GatewayParents,
): { readonly through: ThroughRow; readonly faults: readonly Fault[] } | undefined {
  if (wanted === undefined) return undefined;
  const { name, namespace = metadata.namespace, sectionName } = wanted;
  const key = objectKey(namespace, name);
  const draft = parents.gateways.get(key);
  const path = 'spec.egressGateway';
  const refused = (field: string, reason: string, message: string, remedy: string) => ({
    through: NOWHERE,
    faults: [{ reason, path: `${path}.${field}`, message, remedy }],
  });
  const gateway = objectName('Gateway', namespace, name);
  if (draft === undefined)
    return refused(
      'name',
      'TargetNotFound',
      `there is no ${gateway}: nothing is reached`,
      'create it, or correct the name',
    );
  const fit = listenersOf(draft).filter(({ spec }) => sectionName === undefined || spec.name === sectionName);
  if (fit.length === 0)
    return refused(
      sectionName === undefined ? 'name' : 'sectionName',
      'TargetNotFound',
      `${gateway} has no ${sectionName === undefined ? '' : `such `}listener that takes callers by mutual TLS of the mesh: nothing is reached`,
      'give it one of protocol HTTPS with the option `weft.dev/certificates: Mesh`',
    );
  const [open] = fit.filter(({ spec }) =>
    takesFrom(spec.allowedRoutes.namespaces, namespace, metadata.namespace, parents.namespaces),
  );
  if (open === undefined)
    return refused(
      'namespace',
      'NotAllowedByListeners',
      `no such listener of ${gateway} takes namespace ${metadata.namespace}: nothing is reached`,
      'widen its `allowedRoutes`',
    );
  return { through: { gateway: key, listener: open.key, port: open.spec.port }, faults: [] };
}

/** Those that are served with mutual TLS of the mesh. */
const listenersOf = ({ listeners, row }: GatewayDraft): ListenerDraft[] =>
  listeners.filter(({ key }) => row?.listeners.some((one) => one.key === key && one.tls.ofMesh) === true);

export interface WaysOut {
  /** By port key: who stands at the way out. */
  readonly endpoints: ReadonlyMap<string, readonly EndpointRow[]>;
  /** By port key: who that may be. */
  readonly identities: ReadonlyMap<string, readonly string[]>;
  /** By listener key: port keys of the ExternalServices that are reached by it, sorted. */
  readonly ports: ReadonlyMap<string, readonly string[]>;
}

/** `serving`: the processes of each Gateway. */
export function waysOut(
  memory: Memory,
  rows: readonly ServiceRow[],
  serving: ReadonlyMap<string, readonly WorkloadRow[]>,
  { liveness, trustDomain }: { readonly liveness: WorkloadLiveness; readonly trustDomain: string },
): WaysOut {
  const endpoints = new Map<string, readonly EndpointRow[]>();
  const identities = new Map<string, readonly string[]>();
  const ports = new Map<string, string[]>();
  for (const { key, ports: own, external } of rows) {
    const through = external?.through;
    if (through === undefined || through.gateway === '') continue;
    const [namespace = '', name = ''] = through.gateway.split('/');
    const there = (serving.get(through.gateway) ?? []).filter(({ key: one }) => liveness.get(one)?.draining !== true);
    for (const { port } of own) {
      const at = portKey(key, port);
      ports.set(through.listener, [...(ports.get(through.listener) ?? []), at]);
      const list = memory.remember(`way out ${at}`, [through, ...there], () =>
        there.map((workload) => endpointOf(workload, through.port)),
      );
      if (list.length > 0) endpoints.set(at, list);
      // Processes of a Gateway have its name as their account.
      const identity = `spiffe://${trustDomain}/ns/${namespace}/sa/${name}`;
      identities.set(
        at,
        memory.remember(`who at way out ${at}`, [identity], () => [identity]),
      );
    }
  }
  const sorted = [...ports].map(([listener, list]) => [listener, list.toSorted(byName)] as const);
  return {
    endpoints,
    identities,
    ports: new Map(
      sorted.map(([listener, list]) => [listener, memory.remember(`ways out ${listener}`, list, () => list)]),
    ),
  };
}

/** The one with the other's rows. */
export const joined = <T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
  b.size === 0 ? a : new Map([...a, ...b]);

const endpointOf = ({ key, identity, app, version, locality, addresses }: WorkloadRow, port: number): EndpointRow => ({
  workload: key,
  identity,
  app,
  version,
  locality,
  addresses,
  port,
  sidecar: true,
  mtls: 'strict',
});
