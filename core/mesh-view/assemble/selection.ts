/** Which workloads stand behind which port of which service. */
import type { Service, Workload } from '../../resources/index.ts';
import { byName, portKey } from '../keys.ts';
import { isAvailable, type WorkloadLiveness } from '../liveness.ts';
import type { EndpointRow, ServicePortRow, ServiceRow, WorkloadPortRow, WorkloadRow } from '../rows.ts';
import type { Memory } from './memory.ts';
import { keyOf } from './objects.ts';

/** Workloads by `namespace key=value`: each service looks at those that carry one of its labels, not at all. */
export class WorkloadIndex {
  readonly #byLabel = new Map<string, Workload[]>();

  constructor(workloads: readonly Workload[]) {
    for (const workload of workloads) {
      const { namespace, labels } = workload.metadata;
      for (const [key, value] of Object.entries(labels)) {
        const text = `${namespace} ${key}=${value}`;
        const list = this.#byLabel.get(text);
        if (list === undefined) this.#byLabel.set(text, [workload]);
        else list.push(workload);
      }
    }
  }

  /** Workloads of the service's namespace with all labels of its selector; an empty selector selects nothing. */
  selected({ metadata: { namespace }, spec: { selector } }: Service): readonly Workload[] {
    const wanted = Object.entries(selector ?? {});
    const lists = wanted.map(([key, value]) => this.#byLabel.get(`${namespace} ${key}=${value}`) ?? []);
    const [shortest = []] = lists.sort((a, b) => a.length - b.length);
    return shortest.filter(({ metadata: { labels } }) => wanted.every(([key, value]) => labels[key] === value));
  }
}

/** Service port -> workload port: by targetPort; without one by name, else by number, else the only one. */
export function targetOf(port: ServicePortRow, workload: WorkloadRow): WorkloadPortRow | undefined {
  const { ports } = workload;
  if (typeof port.target === 'number') return ports.find((candidate) => candidate.port === port.target);
  if (typeof port.target === 'string') return ports.find((candidate) => candidate.name === port.target);
  return (
    ports.find((candidate) => candidate.name === port.name) ??
    ports.find((candidate) => candidate.port === port.port) ??
    (ports.length === 1 ? ports[0] : undefined)
  );
}

export interface Selection {
  /** Rows of the selected workloads by service key. */
  readonly selected: ReadonlyMap<string, readonly WorkloadRow[]>;
  readonly endpoints: ReadonlyMap<string, readonly EndpointRow[]>;
  readonly identities: ReadonlyMap<string, readonly string[]>;
}

export function select(
  memory: Memory,
  services: readonly { readonly object: Service; readonly row: ServiceRow }[],
  workloads: readonly Workload[],
  rows: ReadonlyMap<string, WorkloadRow>,
  liveness: WorkloadLiveness,
): Selection {
  const index = new WorkloadIndex(workloads);
  const selected = new Map<string, readonly WorkloadRow[]>();
  const endpoints = new Map<string, readonly EndpointRow[]>();
  const identities = new Map<string, readonly string[]>();
  for (const { object, row } of services) {
    const behind = index.selected(object).flatMap((workload) => rows.get(keyOf(workload)) ?? []);
    selected.set(row.key, behind);
    for (const port of row.ports) {
      const key = portKey(row.key, port.port);
      const states = behind.map((workload) => liveness.get(workload.key));
      const found = memory.remember(`endpoints ${key}`, [port, ...behind, ...states], () => {
        const all = behind.flatMap((workload) => {
          const target = targetOf(port, workload);
          return target === undefined ? [] : [{ workload, target }];
        });
        return {
          endpoints: all.flatMap(({ workload, target }) =>
            isAvailable(liveness, workload.key, target.port) ? [endpointOf(workload, target)] : [],
          ),
          identities: [...new Set(all.map(({ workload }) => workload.identity))].sort(byName),
        };
      });
      const live = memory.remember(`available ${key}`, [found], () => found.endpoints);
      const names = memory.remember(`identities ${key}`, [found], () => found.identities);
      if (live.length > 0) endpoints.set(key, live);
      if (names.length > 0) identities.set(key, names);
    }
  }
  return { selected, endpoints, identities };
}

const endpointOf = (workload: WorkloadRow, port: WorkloadPortRow): EndpointRow => ({
  workload: workload.key,
  identity: workload.identity,
  app: workload.app,
  version: workload.version,
  locality: workload.locality,
  addresses: workload.addresses,
  port: port.proxyPort === 0 ? port.port : port.proxyPort,
  sidecar: port.proxyPort !== 0,
});
