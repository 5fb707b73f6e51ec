/** What is answered to whoever asks (Authentication `exposed`), as `weft check`, plan and Invariants see it. */
import type { Diagnostic } from '@weft/core/kernel';
import {
  byName,
  type ExposedPort,
  exposuresOf,
  type MeshView,
  PlainReader,
  portKey,
  type NotExposed,
} from '@weft/core/mesh-view';
import { exposedName } from '../names.ts';
import { arrive } from './arrival.ts';
import { behindPort } from './balancers.ts';
import type { Setting } from './explanation.ts';
import { connectionOf, type StatedRequest } from './question.ts';
import type { World } from './world.ts';

interface At {
  /** Key of the workload. */
  readonly workload: string;
}

function exposures(view: MeshView): {
  readonly open: readonly (ExposedPort & At)[];
  readonly left: readonly (NotExposed & At)[];
} {
  if (view.arrivalExposed.size === 0) return { open: [], left: [] };
  const reader = new PlainReader(view);
  const all = [...view.workload.values()].map((row) => ({ workload: row.key, ...exposuresOf(reader, row) }));
  return {
    open: all.flatMap(({ workload, open }) => open.map((one) => ({ ...one, workload }))),
    left: all.flatMap(({ workload, left }) => left.map((one) => ({ ...one, workload }))),
  };
}

/** Said once of each policy for what it opens, and once for each reason that it does not. */
export function exposedFindings(view: MeshView): Diagnostic[] {
  const { open, left } = exposures(view);
  const opened = Map.groupBy(open, ({ row }) => row);
  const closed = Map.groupBy(left, ({ row, reason }) => `${row.source} ${reason}`);
  return [
    ...[...opened].map(
      ([{ source, paths, listenerPort }, all]): Diagnostic => ({
        ...finding('info', 'path-exposed', source),
        message: `anybody in reach of port ${listenerPort} of ${workloads(all)} may GET ${paths.join(', ')} in plaintext`,
        remedy: undefined,
      }),
    ),
    ...[...closed.values()].flatMap((all) => {
      const [first] = all;
      return first === undefined
        ? []
        : [
            {
              ...finding('warning', 'not-exposed', first.row.source),
              message: `nothing is exposed at ${workloads(all)}: ${first.reason}`,
              remedy: first.remedy,
            },
          ];
    }),
  ];
}

function finding(
  severity: Diagnostic['severity'],
  code: string,
  source: string,
): Omit<Diagnostic, 'message' | 'remedy'> {
  const [object = '', path = ''] = source.split('#', 2);
  return { severity, code, place: { object, path } };
}

function workloads(all: readonly At[]): string {
  const names = [...new Set(all.map(({ workload }) => `Workload/${workload}`))].sort(byName);
  return `${names[0]}${names.length > 1 ? ` and ${names.length - 1} more` : ''}`;
}

/** What of a service port anybody may ask, by whom. `request`: that one only. */
export function exposedBehind(
  view: MeshView,
  port: string,
  request?: { readonly method: string; readonly path: string },
): readonly (ExposedPort & At)[] {
  const behind = behindPort(view, port);
  return exposures(view).open.filter(
    ({ workload, port: own, row }) =>
      behind.some((one) => one.workload === workload && one.port === own.proxyPort) &&
      (request === undefined ||
        ((request.method === 'GET' || request.method === 'HEAD') &&
          row.paths.includes(request.path.split('?', 1)[0] ?? ''))),
  );
}

/** By whom a request gets to the port of a service whoever asks it; undefined: it does not. A DENY about everybody refuses it. */
export function exposedTo(
  world: World,
  service: string,
  port: number,
  request: StatedRequest,
): ExposedPort | undefined {
  const mesh = world.meshOf('service', service) ?? '';
  const [namespace = '', name = ''] = service.split('/');
  return exposedBehind(world.view(mesh), portKey(service, port), request).find(({ workload, port: own, row }) => {
    const connection = connectionOf({
      identity: undefined,
      address: undefined,
      through: undefined,
      port: row.listenerPort,
      serverName: '',
    });
    const config = world.config(mesh, workload);
    return arrive(config, own.port, connection, `${name}.${namespace}`, request, exposedName(own.port)).allowed;
  });
}

/** Each with its workload, as a line: what a change opens or closes. */
export const exposedLines = (view: MeshView): readonly string[] =>
  exposures(view)
    .open.flatMap(({ workload, port, row }) =>
      row.paths.map(
        (path) => `GET ${path} of port ${port.port} of ${workload}, at port ${row.listenerPort}  ${row.source}`,
      ),
    )
    .sort(byName);

/** For whoever asks what holds at the port of a workload. */
export const exposedSettings = (view: MeshView, port: string, workload: string): Setting[] =>
  exposedBehind(view, port)
    .filter((one) => one.workload === workload)
    .map(({ row }) => ({
      name: 'exposed to anybody',
      value: `GET ${row.paths.join(', ')} at port ${row.listenerPort}`,
      source: row.source,
    }));
