/** Ports of sidecars that take PROXY headers (TrafficPolicy `arrivals`): who may come there, and as whom. */
import { cidrContains, type IpAddress, parseCidr, unmapIpv4Cidr } from '@weft/core/kernel';
import type { EndpointRow, MeshView, ProxyHeadersRow } from '@weft/core/mesh-view';
import type { World } from './world.ts';

/** What callers of the mesh are told. */
export const CLOSED =
  'the port is for load balancers, whose connections begin with a PROXY header: it is closed to callers of the mesh';

/** One of those that may send headers: which does not matter. */
export const balancerOf = ({ from: [first = ''] }: ProxyHeadersRow): IpAddress | undefined => parseCidr(first)?.address;

/** A workload that has an address among the load balancers may write a header as they do, and name whom it likes. */
export function mayPoseAs(world: World, workload: string, { from }: ProxyHeadersRow): boolean {
  const mesh = world.meshOf('workload', workload) ?? '';
  const own = world.view(mesh).workload.get(workload)?.addresses ?? [];
  const ranges = from.flatMap((text) => {
    const range = parseCidr(text);
    return range === undefined ? [] : [unmapIpv4Cidr(range)];
  });
  return own.some(({ ip }) => ranges.some((range) => cidrContains(range, ip)));
}

/** Workloads behind a port, whoever reaches them: endpoints, and those for load balancers. */
export const behindPort = (view: MeshView, port: string): readonly EndpointRow[] => [
  ...(view.endpoints.get(port) ?? []),
  ...(view.balanced.get(port) ?? []).map(({ endpoint }) => endpoint),
];
