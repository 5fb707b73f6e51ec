/** What an agent says about the workload it stands for: the part of a Workload object that only its host knows. */
import { parseIp } from '../kernel/index.ts';
import { LIMITS } from './limits.ts';
import { LABEL_RULE, type ObjectReader, readText, type TextRule } from './reader.ts';

export const PROTOCOLS = ['http', 'http2', 'grpc', 'tcp', 'udp', 'auto'] as const;
export type WorkloadProtocol = (typeof PROTOCOLS)[number];

export interface WorkloadPort {
  /** Unique within the workload; the protocol's name when the user gave none. */
  readonly name: string;
  /** Where the application listens. */
  readonly port: number;
  readonly protocol: WorkloadProtocol;
  /** Where its sidecar accepts for it; undefined when there is no sidecar. */
  readonly proxyPort: number | undefined;
}

export interface WorkloadAddress {
  /** IPv4 or IPv6 text. */
  readonly ip: string;
  /** Name of the network the address is reachable in; '' is the default network. */
  readonly network: string;
}

export interface Locality {
  readonly region: string;
  readonly zone: string;
  readonly subZone: string;
}

export interface WorkloadDescription {
  /** The user's name (`--name`); the control plane appends `-xxxxx` for the object. */
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly addresses: readonly WorkloadAddress[];
  readonly ports: readonly WorkloadPort[];
  readonly locality: Locality;
  /** Where its proxy's metrics are read; absent: nowhere. An unspecified address stands for any of its own. */
  readonly metrics?: { readonly ip: string; readonly port: number };
}

/** A Service to be made unless one of that name is there. Its ports are the workload's ports. */
export interface ServiceWish {
  readonly name: string;
}

const LABEL_KEY: TextRule = {
  max: LIMITS.labelKeyBytes,
  pattern: /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/,
  form: 'a label key (prefix/name)',
};
const LABEL_VALUE: TextRule = {
  max: LIMITS.labelValueBytes,
  empty: true,
  pattern: /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/,
  form: 'a label value',
};
const PLACE_NAME: TextRule = { max: 63, empty: true, pattern: /^[A-Za-z0-9][-A-Za-z0-9_.]*$/, form: 'a name' };

export function readWorkload(reader: ObjectReader): WorkloadDescription {
  const ports = reader.list('ports', LIMITS.ports, readPort);
  for (const field of ['name', 'port'] as const) {
    const seen = new Set<string | number>(ports.map((port) => port[field]));
    if (seen.size !== ports.length) reader.refuse('ports', 'duplicate', `two ports have the same ${field}`);
  }
  const name = reader.text('name', { ...LABEL_RULE, max: 57 });
  const labels = reader.map('labels', LIMITS.labels, LABEL_KEY, (value, path, faults) =>
    readText(value, path, LABEL_VALUE, faults),
  );
  const addresses = reader.list('addresses', LIMITS.addresses, (entry) => {
    return { ip: readIp(entry), network: entry.text('network', PLACE_NAME) };
  });
  if (addresses.length === 0) reader.refuse('addresses', 'missing-field', 'at least one address is required');
  const locality = reader.object('locality', (place) => ({
    region: place.text('region', PLACE_NAME),
    zone: place.text('zone', PLACE_NAME),
    subZone: place.text('subZone', PLACE_NAME),
  }));
  const metrics = reader.has('metrics')
    ? reader.object('metrics', (entry) => ({ ip: readIp(entry), port: entry.integer('port', 1, 65535) }))
    : undefined;
  return { name, labels, addresses, ports, locality, ...(metrics === undefined ? {} : { metrics }) };
}

function readIp(reader: ObjectReader): string {
  const ip = reader.text('ip', { max: 45 });
  if (ip !== '' && parseIp(ip) === undefined) reader.refuse('ip', 'malformed', 'must be an IPv4 or IPv6 address');
  return ip;
}

function readPort(reader: ObjectReader): WorkloadPort {
  return {
    name: reader.text('name', LABEL_RULE),
    port: reader.integer('port', 1, 65535),
    protocol: reader.oneOf('protocol', PROTOCOLS, 'tcp'),
    proxyPort: reader.has('proxyPort') ? reader.integer('proxyPort', 1, 65535) : undefined,
  };
}

export const workloadJson = (workload: WorkloadDescription): object => ({
  name: workload.name,
  labels: Object.fromEntries(workload.labels),
  addresses: workload.addresses,
  ports: workload.ports,
  locality: workload.locality,
  ...(workload.metrics === undefined ? {} : { metrics: workload.metrics }),
});
