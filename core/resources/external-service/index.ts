/** weft.dev ExternalService: hosts outside the mesh that may be called, as a service that routes and policies know. */
import { parseCidr } from '../../kernel/index.ts';
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { protocolOfPort } from '../service/index.ts';
import {
  appProtocol,
  cidr,
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  hostname as hostPattern,
  ip,
  preciseHostname,
} from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, integer, object, optional, type Report, required, string, unsupported } from '../schema/schema.ts';
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
    host: optional(
      string({ format: hostPattern }),
      'The host, or `*.example.com` for all names below one. Requests carry it as their Host, and the forward proxy (`weft run --http-proxy`) lets it pass. The most specific host wins: one that is written out before a wildcard, a longer wildcard before a shorter one.',
    ),
    hosts: optional(
      array(string({ format: hostPattern }), { minItems: 1, maxItems: 64 }),
      'Several of them, instead of `host`.',
    ),
    addresses: optional(
      array(string({ format: cidr }), { minItems: 1, maxItems: 64 }),
      'Addresses, and ranges of IPv4 such as `10.20.0.0/16`, that callers may name instead of a host (CONNECT `10.20.1.2:443`). Names of `hosts` may lead there too: without `endpoints` a name below a wildcard, or one of several, leads to public addresses only, and to those of private networks and of this machine where they are listed here.',
    ),
    ports: required(array(port, { minItems: 1, maxItems: 32, uniqueBy: ['port'] }), 'Its ports; each number once.'),
    endpoints: optional(
      array(endpoint, { minItems: 1, maxItems: 64 }),
      'Where it is. Absent: each host where DNS says, each address at itself. With several hosts, wildcards or addresses the forward proxy is the only way to it then: a caller must name which of them it means.',
    ),
    egressGateway: optional(
      object({
        name: required(string({ format: dnsSubdomain }), 'The Gateway’s name.'),
        namespace: optional(
          string({ format: dnsLabel }),
          'Its namespace. Absent: the object’s own. Its listener’s `allowedRoutes` say who may use it.',
        ),
        sectionName: optional(
          string({ format: dnsSubdomain }),
          'Its listener, one of HTTPS with the option `weft.dev/certificates: Mesh`. Absent: the only one, or the first.',
        ),
      }),
      'The Gateway by which it is reached (an egress or terminating gateway): callers’ proxies go there over mutual TLS of the mesh, and the Gateway’s processes go on, with the TLS that a TrafficPolicy or BackendTLSPolicy about this object says and the certificate of the Gateway’s `tls.backend`. AccessPolicies about the Gateway decide who may. Routes, time limits, retries and faults are still the callers’. Where the Gateway cannot be used, nothing is reached. Absent: callers’ proxies reach it themselves.',
    ),
    tls: unsupported(
      'who verifies whom is a policy’s: write `tls` in a TrafficPolicy about it, or a BackendTLSPolicy; or let the application speak TLS to an opaque TCP port',
    ),
  },
  ({ host, hosts, addresses, ports, endpoints, egressGateway }, report) => {
    if (host !== undefined && hosts !== undefined)
      report(['hosts'], 'exclusive-fields', '`host` and `hosts` are two ways to say one thing', 'list all in `hosts`');
    if (host === undefined && hosts === undefined && addresses === undefined)
      report(['host'], 'missing-field', '`host`, `hosts` or `addresses` is needed', 'add one');
    duplicates(hosts, 'hosts', report);
    duplicates(addresses, 'addresses', report);
    for (const [index, text] of (addresses ?? []).entries()) {
      const range = parseCidr(text);
      if (range?.address.family === 6 && range.prefix < 128)
        report(['addresses', index], 'invalid-value', 'ranges are of IPv4 only', 'list the addresses of IPv6');
    }
    const named = [...(hosts ?? []), ...(host === undefined ? [] : [host])];
    const many = addresses !== undefined || named.length > 1 || named.some((text) => text.startsWith('*.'));
    if (egressGateway !== undefined && many && endpoints === undefined)
      for (const [index, one] of ports.entries())
        if (protocolOfPort(one) === 'tcp')
          report(
            ['ports', index, 'appProtocol'],
            'exclusive-fields',
            'opaque TCP does not tell the egress gateway which host is meant',
            'write `http`, a single `host`, or `endpoints`',
          );
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

function duplicates(list: readonly string[] | undefined, field: string, report: Report): void {
  for (const [index, text] of (list ?? []).entries())
    if (list?.indexOf(text) !== index)
      report([field, index], 'duplicate-entry', `${text} is there already`, 'remove it');
}

/** Hosts as they were written, in whichever field. */
export const hostsOf = ({ host, hosts }: ExternalServiceSpec): readonly string[] =>
  hosts ?? (host === undefined ? [] : [host]);

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
  doc: 'Hosts outside the mesh that its workloads may call: by `weft run --upstream`, through the forward proxy, or as a backend of a route. What no ExternalService names is refused there.',
  name: dns1035Label,
  spec,
  example: {
    host: 'api.partner.example',
    ports: [{ name: 'tls', port: 443, appProtocol: 'tcp' }],
  },
  status: 'conditions',
  columns: [
    {
      name: 'Host',
      type: 'string',
      doc: 'Hosts and addresses.',
      priority: 0,
      value: ({ spec }) => [...hostsOf(spec), ...(spec.addresses ?? [])].join(','),
    },
    {
      name: 'Port(s)',
      type: 'string',
      doc: 'The ports callers use.',
      priority: 0,
      value: ({ spec: { ports } }) => ports.map(({ port: number }) => number).join(','),
    },
  ],
});
