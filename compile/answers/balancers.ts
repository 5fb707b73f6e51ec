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

export interface Told {
  readonly identity: string | undefined;
  readonly address: IpAddress | undefined;
}

/** Addresses that one who may tell any is asked about at most. */
const MOST = 64;

/**
 * As whom one may come who writes PROXY headers itself: as it is, with the address of each range that rules about the called workload name, and
 * with or without its certificate.
 */
export function toldBy(view: MeshView, called: string, { identity, address }: Told): readonly Told[] {
  const ranges = (view.accessPolicies.get(called) ?? []).flatMap(({ rules }) =>
    rules.flatMap(({ from = [] }) => from.flatMap(({ ipBlocks = [] }) => ipBlocks)),
  );
  const addresses = [...new Set(ranges)].slice(0, MOST).flatMap((text) => parseCidr(text)?.address ?? []);
  return [address, ...addresses].flatMap((one) => [
    { identity, address: one },
    ...(identity === undefined ? [] : [{ identity: undefined, address: one }]),
  ]);
}

/** Of which ports for load balancers a workload has an address in `from`: what tells it apart from others of its identity. */
export function poses(world: World, view: MeshView, workload: string): string {
  const rows = new Set([...view.balanced.values()].flatMap((list) => list.map(({ headers }) => headers)));
  return [...rows].flatMap((headers) => (mayPoseAs(world, workload, headers) ? [headers.source] : [])).join(' ');
}
