/**
 * WEFT0304: services that can be called beside their proxy. What is open is told by agents, or seen on this host; what of it matters is decided
 * here. In a mesh that is not strict anybody in reach is answered anyway, and services stay open on purpose while callers move in.
 */
import type { OpenPort } from '@weft/core/agent-api';
import { type Diagnostic, formatIp, parseIp } from '@weft/core/kernel';
import type { Assembly } from '@weft/core/mesh-view';
import { objectName, type StoredObject, type Workload } from '@weft/core/resources';

/** One finding a port, with every address that it is open at. */
export function openBesideProxy(
  objects: Iterable<StoredObject>,
  assembly: Pick<Assembly, 'views'> | undefined,
  openOf: (workload: Workload) => readonly OpenPort[],
): Diagnostic[] {
  const strict = new Map<string, boolean>();
  const isStrict = (namespace: string): boolean => {
    const known = strict.get(namespace);
    if (known !== undefined) return known;
    const view = [...(assembly?.views.values() ?? [])].find((each) => each.namespace.has(namespace));
    const found = view?.mesh.get('')?.mtls === 'strict';
    strict.set(namespace, found);
    return found;
  };
  return [...objects]
    .filter((object): object is Workload => object.kind === 'Workload')
    .filter(({ metadata }) => isStrict(metadata.namespace))
    .flatMap((workload) => {
      const open = openOf(workload);
      return open.length === 0 ? [] : findingsOf(workload, open);
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
