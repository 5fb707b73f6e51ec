/** ExternalServices as services of the view. A Service of the same name, and an older one of the same host or address and port, go before. */
import { formatCidr, masked, parseCidr } from '../../kernel/index.ts';
import { type ExternalService, hostsOf, objectName, protocolOfPort } from '../../resources/index.ts';
import type { ExternalRow, ServiceRow } from '../rows.ts';
import type { ThroughRow } from '../egress-rows.ts';
import { wayOut } from './egress.ts';
import type { GatewayParents } from './gateway-parents.ts';
import type { Services } from './backends.ts';
import type { Memory } from './memory.ts';
import { byAge, keyOf } from './objects.ts';
import { condition, statusOf, type Fault, type ObjectStatus } from './status.ts';

export function assembleExternal(
  memory: Memory,
  objects: readonly ExternalService[],
  services: Services,
  parents: GatewayParents,
): { readonly rows: readonly ServiceRow[]; readonly statuses: readonly ObjectStatus[] } {
  const taken = new Map<string, string>();
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
      for (const name of namesOf(object)) {
        const winner = taken.get(`${name}:${port}`);
        if (winner === undefined) continue;
        faults.push({
          reason: 'Conflicted',
          path: `spec.ports[${index}]`,
          message: `an older object is ${name}:${port}: ${winner}`,
          remedy: 'remove one of the two',
        });
      }
    }
    if (faults.length === 0) {
      for (const { port } of object.spec.ports)
        for (const name of namesOf(object)) taken.set(`${name}:${port}`, source);
      const out = wayOut(object, parents);
      faults.push(...(out?.faults ?? []));
      const through = out?.through;
      rows.push(
        memory.remember(`external ${keyOf(object)}`, [object, JSON.stringify(through)], () =>
          rowOf(object, source, through),
        ),
      );
    }
    const status = statusOf(object, [condition('Accepted', generation, faults)], [], faults);
    return memory.remember(`external-status ${keyOf(object)}`, [status], () => status);
  });
  return { rows, statuses };
}

const rowOf = ({ metadata, spec }: ExternalService, source: string, through: ThroughRow | undefined): ServiceRow => ({
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
  external: { ...externalRow(spec), ...(through === undefined ? {} : { through }) },
  source,
});

function externalRow(spec: ExternalService['spec']): ExternalRow {
  const hosts = hostsOf(spec);
  const addresses = rangesOf(spec);
  const [only = '', ...others] = hosts;
  const known = others.length === 0 && addresses.length === 0 && !only.startsWith('*.');
  const stated = spec.endpoints ?? (known ? [{ hostname: only, ip: undefined, port: undefined }] : undefined);
  return {
    hosts,
    addresses,
    endpoints: stated?.map(({ ip, hostname = '', port }) => ({ host: ip ?? hostname, isName: ip === undefined, port })),
  };
}

const rangesOf = ({ addresses = [] }: ExternalService['spec']): readonly string[] =>
  addresses.flatMap((text) => {
    const range = parseCidr(text);
    return range === undefined ? [] : [formatCidr(masked(range))];
  });

const namesOf = ({ spec }: ExternalService): readonly string[] => [...hostsOf(spec), ...rangesOf(spec)];
