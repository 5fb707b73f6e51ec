/** ExternalServices as services of the view. A Service of the same name, and an older one of the same host and port, go before. */
import { type ExternalService, objectName, protocolOfPort } from '../../resources/index.ts';
import type { ServiceRow } from '../rows.ts';
import type { Services } from './backends.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';

export function assembleExternal(
  memory: Memory,
  objects: readonly ExternalService[],
  services: Services,
): { readonly rows: readonly ServiceRow[]; readonly statuses: readonly ObjectStatus[] } {
  const hosts = new Map<string, string>();
  const rows: ServiceRow[] = [];
  const statuses = objects.toSorted(byAge).map((object) => {
    const { namespace, name, generation } = object.metadata;
    const source = objectName('ExternalService', namespace, name);
    const faults: Fault[] = services.has(keyOf(object))
      ? [
          {
            reason: 'Conflicted',
            path: 'metadata.name',
            message: `there is a Service ${name} in namespace ${namespace}: names of services are one space`,
            remedy: 'rename one of the two',
          },
        ]
      : [];
    for (const [index, { port }] of object.spec.ports.entries()) {
      const winner = hosts.get(`${object.spec.host}:${port}`);
      if (winner === undefined) continue;
      faults.push({
        reason: 'Conflicted',
        path: `spec.ports[${index}]`,
        message: `an older object is ${object.spec.host}:${port}: ${winner}`,
        remedy: 'remove one of the two',
      });
    }
    if (faults.length === 0) {
      for (const { port } of object.spec.ports) hosts.set(`${object.spec.host}:${port}`, source);
      rows.push(memory.remember(`external ${keyOf(object)}`, [object], () => rowOf(object, source)));
    }
    const status = statusOf(object, [condition('Accepted', generation, faults)], [], faults);
    return memory.remember(`external-status ${keyOf(object)}`, [status], () => status);
  });
  return { rows, statuses };
}

const rowOf = ({ metadata, spec }: ExternalService, source: string): ServiceRow => ({
  key: keyOf({ metadata }),
  namespace: metadata.namespace,
  name: metadata.name,
  ports: spec.ports
    .map((port, index) => {
      const protocol = protocolOfPort(port);
      return {
        name: port.name ?? protocol,
        port: port.port,
        protocol,
        target: undefined,
        source: `${source}#spec.ports[${index}]`,
      };
    })
    .sort((a, b) => a.port - b.port),
  addresses: [],
  external: {
    host: spec.host,
    endpoints: (spec.endpoints ?? [{ hostname: spec.host, ip: undefined, port: undefined }]).map(
      ({ ip, hostname = '', port }) => ({ host: ip ?? hostname, isName: ip === undefined, port }),
    ),
  },
  source,
});
