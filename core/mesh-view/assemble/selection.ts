/** Which workloads stand behind which service, and which of their ports behind which of its ports. */
import type { Service, Workload } from '../../resources/index.ts';
import type { ServicePortRow, ServiceRow, WorkloadPortRow, WorkloadRow } from '../rows.ts';
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

/** Rows of each service's workloads, by service key. */
export function selectWorkloads(
  services: readonly { readonly object: Service; readonly row: ServiceRow }[],
  workloads: readonly Workload[],
  rows: ReadonlyMap<string, WorkloadRow>,
): Map<string, readonly WorkloadRow[]> {
  const index = new WorkloadIndex(workloads);
  return new Map(
    services.map(({ object, row }) => [
      row.key,
      index.selected(object).flatMap((workload) => rows.get(keyOf(workload)) ?? []),
    ]),
  );
}
