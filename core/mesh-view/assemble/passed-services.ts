/**
 * Services that a Gateway's listener of TLS passes connections through to by their own server names (`weft.dev/passthrough: Services`; Istio:
 * AUTO_PASSTHROUGH). Nothing is opened but ports that ask for mutual TLS, which ends at the workloads; a name that is none of theirs is nobody's.
 */
import { passedGuestName, serviceServerName } from '../../identity/index.ts';
import { tlsOptions } from '../../resources/index.ts';
import { byName, portKey } from '../keys.ts';
import type { MtlsRow, PassedPortRow } from '../policy-rows.ts';
import type { ListenerRoutesRow, MeshRow, ServiceRow } from '../rows.ts';
import type { GatewayDraft } from './gateways.ts';
import { type Grants, permits } from './grants.ts';
import type { Memory } from './memory.ts';

export interface PassedInput {
  readonly mesh: MeshRow;
  readonly grants: Grants;
  /** Of the mesh itself, without hosts outside and parts of services. */
  readonly services: ReadonlyMap<string, ServiceRow>;
  /** By port key; absent: as the mesh says. */
  readonly modes: ReadonlyMap<string, MtlsRow>;
  /** By service key: foreign trust domains that it is exported to. */
  readonly guests: ReadonlyMap<string, readonly string[]>;
  /** By listener key; the names of routes are theirs. */
  readonly routes: ReadonlyMap<string, ListenerRoutesRow>;
}

/** By listener key. */
export const assemblePassed = (
  memory: Memory,
  gateways: ReadonlyMap<string, GatewayDraft>,
  input: PassedInput,
): ReadonlyMap<string, readonly PassedPortRow[]> =>
  memory.group(`${input.mesh.name} passed services`, [gateways, ...Object.values(input)], () =>
    passedServices([...gateways.values()], input),
  );

function passedServices(
  gateways: readonly GatewayDraft[],
  input: PassedInput,
): ReadonlyMap<string, readonly PassedPortRow[]> {
  const found = new Map<string, readonly PassedPortRow[]>();
  for (const { gateway, row, listeners } of gateways) {
    const served = new Set(row?.listeners.map(({ key }) => key));
    const from = { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: gateway.metadata.namespace };
    for (const { key, spec, protocol } of listeners) {
      if (protocol !== 'passthrough' || !served.has(key) || !tlsOptions(spec.tls?.options).toServices) continue;
      const taken = new Set(input.routes.get(key)?.streams.map(({ name }) => name));
      const free = (name: string): boolean => !taken.has(name) && covers(spec.hostname, name);
      const rows = [...input.services.values()]
        .toSorted((a, b) => byName(a.key, b.key))
        .filter(({ namespace, name }) => permits(input.grants, from, { group: '', kind: 'Service', namespace, name }))
        .flatMap((service) => passedPorts(service, input, free));
      if (rows.length > 0) found.set(key, rows);
    }
  }
  return found;
}

function passedPorts(
  { key, ports }: ServiceRow,
  { mesh, modes, guests }: PassedInput,
  free: (name: string) => boolean,
): PassedPortRow[] {
  return ports.flatMap(({ port, protocol }) => {
    const at = portKey(key, port);
    if (protocol === 'udp' || (modes.get(at)?.mode ?? mesh.mtls) === 'disabled') return [];
    const names = [
      serviceServerName(key, port, mesh.trustDomain),
      ...(guests.get(key) ?? []).map((domain) => passedGuestName(key, port, domain)),
    ]
      .map((name) => name.toLowerCase())
      .filter(free);
    return names.length === 0 ? [] : [{ port: at, names }];
  });
}

const covers = (hostname: string | undefined, name: string): boolean =>
  hostname === undefined ||
  hostname === name ||
  (hostname.startsWith('*.') && name.endsWith(hostname.slice(1)) && name.length > hostname.length - 1);
