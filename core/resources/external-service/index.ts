/** weft.dev ExternalService: a host outside the mesh that may be called, as a service that routes and policies know. */
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { appProtocol, dns1035Label, dnsLabel, ip, preciseHostname } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, integer, object, optional, required, string, unsupported } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';

const port = object({
  name: optional(string({ format: dnsLabel }), 'What routes and policies call the port. Absent: its protocol.'),
  port: required(integer(1, 65_535), 'The port callers use.'),
  appProtocol: optional(
    string({ format: appProtocol }),
    'What is spoken there, as in a Service. Absent: by the port’s name, else opaque TCP; TLS of the caller’s own is opaque TCP.',
  ),
});

const endpoint = object(
  {
    ip: optional(string({ format: ip }), 'An address.'),
    hostname: optional(string({ format: preciseHostname }), 'A name that each calling proxy resolves by DNS.'),
    port: optional(integer(1, 65_535), 'Its port. Absent: the port callers use.'),
  },
  ({ ip: address, hostname }, report) => {
    if ((address === undefined) === (hostname === undefined))
      report([], 'exclusive-fields', 'exactly one of `ip` and `hostname` is needed', 'add or remove one');
  },
);

const spec = object(
  {
    host: required(
      string({ format: preciseHostname }),
      'The host. Requests carry it as their Host, and the forward proxy (`weft run --http-proxy`) lets it pass.',
    ),
    ports: required(array(port, { minItems: 1, maxItems: 32, uniqueBy: ['port'] }), 'Its ports; each number once.'),
    endpoints: optional(
      array(endpoint, { minItems: 1, maxItems: 64 }),
      'Where it is. Absent: `host`, resolved by DNS.',
    ),
    tls: unsupported(
      'who verifies whom is a policy’s: write `tls` in a TrafficPolicy about it, or a BackendTLSPolicy; or let the application speak TLS to an opaque TCP port',
    ),
  },
  ({ ports }, report) => {
    const names = new Set<string>();
    for (const [index, { name }] of ports.entries()) {
      if (name === undefined && ports.length > 1)
        report(['ports', index, 'name'], 'missing-field', 'several ports need a name for each', 'add `name`');
      if (name !== undefined && names.has(name))
        report(['ports', index, 'name'], 'duplicate-entry', 'another port has this name', 'give each its own');
      if (name !== undefined) names.add(name);
    }
  },
);

export type ExternalServiceSpec = Complete<typeof spec>;
export type ExternalService = StoredObject<ExternalServiceSpec, ConditionsStatus>;

export const EXTERNAL_SERVICE = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'ExternalService',
  plural: 'externalservices',
  singular: 'externalservice',
  shortNames: ['es'],
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'A host outside the mesh that its workloads may call: by `weft run --upstream`, through the forward proxy, or as a backend of a route. What no ExternalService names is refused there.',
  name: dns1035Label,
  spec,
  example: {
    host: 'api.partner.example',
    ports: [{ name: 'tls', port: 443, appProtocol: 'tcp' }],
  },
  status: 'conditions',
  columns: [
    { name: 'Host', type: 'string', doc: 'spec.host', priority: 0, value: ({ spec: { host } }) => host },
    {
      name: 'Port(s)',
      type: 'string',
      doc: 'The ports callers use.',
      priority: 0,
      value: ({ spec: { ports } }) => ports.map(({ port: number }) => number).join(','),
    },
  ],
});
