/**
 * WEFT0304: services that can be called beside their proxy. What is open is told by agents, or seen on this host; what of it matters is decided
 * here. Where mutual TLS is not strict anybody in reach is answered anyway, and services stay open on purpose while callers move in.
 */
import { modeAt } from '@weft/compile/answers';
import type { OpenPort } from '@weft/core/agent-api';
import { type Diagnostic, formatIp, parseIp } from '@weft/core/kernel';
import type { Assembly, MeshView } from '@weft/core/mesh-view';
import { objectName, type StoredObject, type Workload } from '@weft/core/resources';

/** One finding a port, with every address that it is open at. */
export function openBesideProxy(
  objects: Iterable<StoredObject>,
  assembly: Pick<Assembly, 'views'> | undefined,
  openOf: (workload: Workload) => readonly OpenPort[],
): Diagnostic[] {
  const views = new Map<string, MeshView | undefined>();
  const viewOf = (namespace: string): MeshView | undefined => {
    if (!views.has(namespace))
      views.set(
        namespace,
        [...(assembly?.views.values() ?? [])].find((each) => each.namespace.has(namespace)),
      );
    return views.get(namespace);
  };
  const isStrict = ({ metadata: { namespace, name } }: Workload, port: number): boolean => {
    const view = viewOf(namespace);
    return view !== undefined && modeAt(view, `${namespace}/${name}`, port).mode === 'strict';
  };
  return [...objects]
    .filter((object): object is Workload => object.kind === 'Workload')
    .flatMap((workload) => {
      const open = openOf(workload);
      const strict = open.length === 0 ? [] : open.filter(({ port }) => isStrict(workload, port));
      return strict.length === 0 ? [] : findingsOf(workload, strict);
    });
}

function findingsOf({ metadata: { namespace, name }, spec }: Workload, open: readonly OpenPort[]): Diagnostic[] {
  const proxyPorts = new Set(spec.ports.map(({ proxyPort = 0 }) => proxyPort));
  return spec.ports.flatMap(({ port, protocol, proxyPort = 0 }, index): Diagnostic[] => {
    const at = open.filter((one) => one.port === port);
    if (at.length === 0 || protocol === 'udp' || proxyPort === 0 || proxyPorts.has(port)) return [];
    const places = [...new Set(at.map(({ ip }) => `${hostText(ip)}:${port}`))].join(' and ');
    const programs = [...new Set(at.map((one) => one.process).filter((program) => program !== ''))].join(', ');
    return [
      {
        severity: 'warning',
        code: 'open-beside-proxy',
        message: `its service${programs === '' ? '' : ` (${programs})`} listens on ${places}: whoever reaches that calls it without its proxy`,
        place: { object: objectName('Workload', namespace, name), path: `spec.ports[${index}]` },
        remedy: 'let the service listen on 127.0.0.1',
      },
    ];
  });
}

function hostText(ip: string): string {
  const address = parseIp(ip);
  if (address === undefined) return ip;
  return address.family === 6 ? `[${formatIp(address)}]` : formatIp(address);
}
