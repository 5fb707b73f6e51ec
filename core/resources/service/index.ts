/** core/v1 Service, as far as a mesh without Kubernetes has a use for it. Known fields that it has none for are refused by name. */
import { defineKind } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { appProtocol, clusterIp, dns1035Label, dnsLabel, labelKey, labelValue, portName } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import {
  array,
  boolean,
  defaulted,
  integer,
  intOrString,
  map,
  object,
  oneOf,
  optional,
  required,
  string,
  unsupported,
} from '../schema/schema.ts';
import type { ServiceStatus } from '../status.ts';

const port = object({
  name: optional(
    string({ format: dnsLabel }),
    'What routes, policies and `weft run --upstream` call the port. Needed when there are several. Absent: the port is known by its number alone.',
  ),
  port: required(integer(1, 65_535), 'The port callers use: `SERVICE:PORT`.'),
  targetPort: optional(
    intOrString(1, 65_535, portName),
    'The workload’s port, by number or by name. Absent: the workload port of the same name, else the one of the same number, else its only one.',
  ),
  protocol: defaulted(
    oneOf(['TCP', 'UDP'], { SCTP: 'Weft carries TCP and UDP' }),
    'TCP',
    'The transport. `UDP`: datagrams travel as they are, without mutual TLS, so a strict mesh sends none.',
  ),
  appProtocol: optional(
    string({ format: appProtocol }),
    'What is spoken on the port: `http`, `kubernetes.io/h2c` or `http2`, `grpc`, `kubernetes.io/ws` (WebSocket over HTTP), `tcp`, or `auto`: each connection is looked at, HTTP/1.1 and HTTP/2 are requests, anything else is opaque TCP, and a server that speaks first is heard after half a second. Any other word means opaque TCP. Absent: taken from the port’s name up to the first `-` when that is one of these words, else opaque TCP.',
  ),
});

const spec = object(
  {
    ports: required(
      array(port, { minItems: 1, maxItems: 100, uniqueBy: ['port', 'protocol'], mergeKey: 'port' }),
      'The ports of the service; each number once.',
    ),
    selector: optional(
      map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 64 }),
      'The Workloads of this namespace that carry all these labels are the service’s endpoints. Absent or empty: none.',
    ),
    clusterIP: optional(
      string({ format: clusterIp }),
      'The service’s virtual address. Allotted by the API and kept for the service’s life when absent; `None`: it has none.',
    ),
    type: defaulted(
      oneOf(['ClusterIP'], {
        NodePort: 'a mesh has no nodes to open ports on',
        LoadBalancer: 'a mesh has no load balancer to order',
        ExternalName: 'a Service stands for workloads of the mesh',
      }),
      'ClusterIP',
      'Only `ClusterIP`.',
    ),
    clusterIPs: optional(
      array(string({ format: clusterIp }), { maxItems: 2 }),
      'Written by Kubernetes beside `clusterIP`; the first must be the same.',
    ),
    sessionAffinity: defaulted(
      oneOf(['None'], { ClientIP: 'use a TrafficPolicy with `balancing.hashOn`' }),
      'None',
      'Only `None`; see TrafficPolicy `balancing.hashOn`.',
    ),
    ipFamilyPolicy: optional(
      oneOf(['SingleStack', 'PreferDualStack']),
      'Written by Kubernetes; kept, without effect: virtual addresses are IPv4.',
    ),
    ipFamilies: optional(
      array(oneOf(['IPv4', 'IPv6']), { maxItems: 2 }),
      'Written by Kubernetes; kept, without effect: virtual addresses are IPv4.',
    ),
    internalTrafficPolicy: defaulted(
      oneOf(['Cluster'], { Local: 'endpoints are not chosen by node' }),
      'Cluster',
      'Only `Cluster`.',
    ),
    externalName: unsupported('a Service stands for workloads of the mesh'),
    externalIPs: unsupported('a mesh has no nodes that could own them'),
    externalTrafficPolicy: unsupported('a mesh has no nodes'),
    loadBalancerIP: unsupported('a mesh has no load balancer to order'),
    loadBalancerClass: unsupported('a mesh has no load balancer to order'),
    loadBalancerSourceRanges: unsupported('use an AccessPolicy'),
    allocateLoadBalancerNodePorts: unsupported('a mesh has no nodes'),
    healthCheckNodePort: unsupported('a mesh has no nodes'),
    sessionAffinityConfig: unsupported('use a TrafficPolicy with `balancing.hashOn`'),
    publishNotReadyAddresses: optional(boolean(), 'Only `false`: an endpoint counts only while its workload is ready.'),
    trafficDistribution: unsupported('endpoints are not chosen by zone yet'),
  },
  ({ ports, clusterIP, clusterIPs, publishNotReadyAddresses }, report) => {
    const numbers = new Map<number, number>();
    for (const [index, { port: number, protocol }] of ports.entries()) {
      const first = numbers.get(number);
      if (first === undefined) numbers.set(number, index);
      else if (ports[first]?.protocol !== protocol)
        report(
          ['ports', index, 'port'],
          'unsupported-value',
          `port ${number} is item ${first} over another transport already`,
          'make a second Service for one of the two',
        );
    }
    const names = new Map<string, number>();
    for (const [index, { name }] of ports.entries()) {
      if (name === undefined) {
        if (ports.length > 1) {
          report(
            ['ports', index, 'name'],
            'missing-field',
            'a service with several ports needs a name for each',
            'add `name`',
          );
        }
        continue;
      }
      const first = names.get(name);
      if (first === undefined) names.set(name, index);
      else
        report(
          ['ports', index, 'name'],
          'duplicate-entry',
          `the same \`name\` as item ${first}`,
          'give each item its own',
        );
    }
    if (publishNotReadyAddresses === true) {
      report(
        ['publishNotReadyAddresses'],
        'unsupported-value',
        'an endpoint counts only while its workload is ready',
        'remove it',
      );
    }
    const only = clusterIPs?.[0];
    if (only !== undefined && only !== clusterIP) {
      report(['clusterIPs', 0], 'invalid-value', 'differs from `clusterIP`', 'remove `clusterIPs`');
    }
  },
);

export type ServiceSpec = Complete<typeof spec>;
export type ServicePort = ServiceSpec['ports'][number];
export type Service = StoredObject<ServiceSpec, ServiceStatus>;

/** What the mesh speaks on a port. */
export type PortProtocol = 'http' | 'http2' | 'grpc' | 'tcp' | 'udp' | 'auto';

const PROTOCOLS: Readonly<Record<string, PortProtocol>> = {
  http: 'http',
  'kubernetes.io/ws': 'http',
  http2: 'http2',
  h2c: 'http2',
  'kubernetes.io/h2c': 'http2',
  grpc: 'grpc',
  tcp: 'tcp',
  auto: 'auto',
};

/** The protocol of a service's port by `appProtocol`, else by its name (`http`, `grpc-admin`), else opaque TCP. */
export function protocolOfPort(
  servicePort: Pick<ServicePort, 'name' | 'appProtocol'> & { readonly protocol?: ServicePort['protocol'] },
): PortProtocol {
  if (servicePort.protocol === 'UDP') return 'udp';
  const word = servicePort.appProtocol ?? servicePort.name?.split('-', 1)[0] ?? 'tcp';
  return Object.hasOwn(PROTOCOLS, word.toLowerCase()) ? (PROTOCOLS[word.toLowerCase()] ?? 'tcp') : 'tcp';
}

export const SERVICE = defineKind({
  group: '',
  kind: 'Service',
  plural: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  scope: 'Namespaced',
  doc: 'A name for a set of workloads: what callers ask for, what routes and policies refer to.',
  name: dns1035Label,
  spec,
  example: {
    selector: { app: 'orders' },
    ports: [{ name: 'http', port: 80, targetPort: 8080, appProtocol: 'http' }],
  },
  status: 'service',
  checkUpdate(before, after, report) {
    if (before.clusterIP !== undefined && after.clusterIP !== undefined && before.clusterIP !== after.clusterIP) {
      report(
        ['spec', 'clusterIP'],
        'immutable-field',
        `may not change: it is ${before.clusterIP}`,
        'delete the service first',
      );
    }
  },
  columns: [
    { name: 'Type', type: 'string', doc: 'spec.type', priority: 0, value: ({ spec: { type } }) => type },
    {
      name: 'Cluster-IP',
      type: 'string',
      doc: 'The virtual address.',
      priority: 0,
      value: ({ spec: { clusterIP } }) => clusterIP ?? '<none>',
    },
    {
      name: 'Port(s)',
      type: 'string',
      doc: 'The ports callers use.',
      priority: 0,
      value: ({ spec: { ports } }) => ports.map(({ port: number, protocol }) => `${number}/${protocol}`).join(','),
    },
    {
      name: 'Selector',
      type: 'string',
      doc: 'The labels of its workloads.',
      priority: 1,
      value: ({ spec: { selector } }) =>
        Object.entries(selector ?? {})
          .map(([key, value]) => `${key}=${value}`)
          .join(',') || '<none>',
    },
  ],
});
