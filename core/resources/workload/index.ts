/**
 * weft.dev Workload: one running instance, registered by its agent and gone with it (a lease). Readiness and health are no part of it:
 * they never touch the store.
 */
import { parseIp } from '../../kernel/index.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsLabel, dnsSubdomain, ip, labelValue, portName } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, defaulted, integer, object, oneOf, optional, required, string } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

const address = object(
  {
    ip: required(string({ format: ip }), 'The address, as reached within `network`.'),
    network: defaulted(
      string({ format: labelValue, minLength: 0 }),
      '',
      'The network in which the address can be reached. Empty: the one all share.',
    ),
  },
  ({ ip: text }, report) => {
    const value = parseIp(text);
    if (value?.bytes.every((byte) => byte === 0) === true) {
      report(['ip'], 'invalid-value', 'is the unspecified address', 'write one that others can reach');
    }
  },
);

const port = object({
  name: required(string({ format: portName }), 'The port’s name; a Service’s `targetPort` can refer to it.'),
  port: required(integer(1, 65_535), 'Where the application listens: on loopback or on all addresses of its host.'),
  protocol: defaulted(
    oneOf(['http', 'http2', 'grpc', 'tcp', 'udp', 'auto']),
    'tcp',
    'What the application speaks there: `http` (HTTP/1.1), `http2` (HTTP/2 without TLS), `grpc`, `tcp` for anything else, or `auto`: HTTP or anything else, each connection as it begins.',
  ),
  proxyPort: optional(
    integer(1, 65_535),
    'Where its proxy accepts for it, with mTLS. Absent: there is no proxy, callers reach `port` itself in plaintext.',
  ),
});

const locality = object({
  region: defaulted(string({ format: labelValue, minLength: 0 }), '', 'The region.'),
  zone: defaulted(string({ format: labelValue, minLength: 0 }), '', 'The zone within the region.'),
  subZone: defaulted(string({ format: labelValue, minLength: 0 }), '', 'A part of the zone, such as a rack.'),
});

const metrics = object({
  ip: required(
    string({ format: ip }),
    'The address that it listens on: `0.0.0.0` or `::` is all of its own; on loopback only its own host can read it.',
  ),
  port: required(integer(1, 65_535), 'The port.'),
});

const spec = object(
  {
    addresses: required(
      array(address, { minItems: 1, maxItems: 8, uniqueBy: ['ip', 'network'] }),
      'Where it can be reached; a caller takes the first in a network that it shares.',
    ),
    ports: defaulted(array(port, { maxItems: 32, uniqueBy: ['name'] }), [], 'What it serves. Empty: it only calls.'),
    account: defaulted(
      string({ format: dnsSubdomain }),
      'default',
      'The service account: the last part of its identity. Attested when it joined.',
    ),
    locality: defaulted(locality, {}, 'Where it runs.'),
    metrics: optional(metrics, 'Where its proxy’s metrics are read (`/metrics`): what a Prometheus is told to scrape.'),
  },
  ({ ports }, report) => {
    checkNumbers(ports, 'port', report);
    checkNumbers(ports, 'proxyPort', report);
  },
);

export type WorkloadSpec = Complete<typeof spec>;
export type WorkloadPort = WorkloadSpec['ports'][number];
export type WorkloadAddress = WorkloadSpec['addresses'][number];
export type Workload = StoredObject<WorkloadSpec, ConditionsStatus>;

function checkNumbers(ports: readonly WorkloadPort[], field: 'port' | 'proxyPort', report: Report): void {
  const seen = new Map<number, number>();
  for (const [index, entry] of ports.entries()) {
    const number = entry[field];
    if (number === undefined) continue;
    const first = seen.get(number);
    if (first === undefined) seen.set(number, index);
    else
      report(
        ['ports', index, field],
        'duplicate-entry',
        `the same \`${field}\` as item ${first}`,
        'give each item its own',
      );
  }
}

export const WORKLOAD = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'Workload',
  plural: 'workloads',
  singular: 'workload',
  shortNames: ['wl'],
  categories: ['weft', 'all'],
  scope: 'Namespaced',
  doc: 'One running instance of an application. `weft run` registers it and it goes with `weft run`; writing one by hand is for instances without an agent.',
  name: dnsLabel,
  spec,
  example: {
    addresses: [{ ip: '10.1.2.3' }],
    ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 15_008 }],
    account: 'orders',
    locality: { zone: 'a' },
    metrics: { ip: '0.0.0.0', port: 15_020 },
  },
  status: 'conditions',
  labels: {
    app: 'The application’s name; what a Service’s `selector` usually asks for.',
    version: 'The application’s version; shown in metrics.',
  },
  columns: [
    { name: 'Account', type: 'string', doc: 'spec.account', priority: 0, value: ({ spec: { account } }) => account },
    {
      name: 'Address',
      type: 'string',
      doc: 'Where it can be reached.',
      priority: 0,
      value: ({ spec: { addresses } }) => addresses.map(({ ip: text }) => text).join(','),
    },
    {
      name: 'Ports',
      type: 'string',
      doc: 'What it serves.',
      priority: 0,
      value: ({ spec: { ports } }) => ports.map(({ name, port: number }) => `${name}:${number}`).join(',') || '<none>',
    },
    {
      name: 'Zone',
      type: 'string',
      doc: 'spec.locality.zone',
      priority: 1,
      value: ({
        spec: {
          locality: { zone },
        },
      }) => zone || '<none>',
    },
  ],
});
