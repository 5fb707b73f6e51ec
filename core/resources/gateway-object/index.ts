/** Gateway API Gateway v1: where traffic enters the mesh. `weft gateway --name NAME` serves it. */
import { checkListeners, listenerNamespaces, listeners } from '../gateway/listener.ts';
import { secretRef } from '../gateway/object-ref.ts';
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, group, kindName, labelKey, labelValue } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, defaulted, map, object, oneOf, optional, required, string, unsupported } from '../schema/schema.ts';
import type { GatewayStatus } from '../status.ts';
import { frontend } from './frontend.ts';

/** On the Workload of a gateway's process: the Gateway that it serves (Gateway API, well-known labels). */
export const GATEWAY_NAME_LABEL = 'gateway.networking.k8s.io/gateway-name';

const address = object({
  type: defaulted(
    oneOf(['IPAddress', 'Hostname']),
    'IPAddress',
    'Only `IPAddress`; `Hostname` is answered by the condition Accepted=False, reason UnsupportedAddress.',
  ),
  value: optional(
    string({ minLength: 0, maxLength: 253 }),
    'The address. Absent or empty: whichever the gateway’s process has; that means every address.',
  ),
});

const infrastructure = object({
  labels: optional(map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 8 }), 'Labels.'),
  annotations: optional(map(string({ minLength: 0 }), { keys: labelKey, maxEntries: 8 }), 'Annotations.'),
  parametersRef: optional(
    object({
      group: required(string({ format: group, minLength: 0 }), 'The group.'),
      kind: required(string({ format: kindName }), 'The kind.'),
      name: required(string({ format: dnsSubdomain }), 'The name.'),
    }),
    'Weft knows none: Accepted=False, reason InvalidParameters.',
  ),
});

const spec = object(
  {
    gatewayClassName: required(
      string({ format: dnsSubdomain }),
      'The GatewayClass: `weft`, or one whose controller is Weft’s.',
    ),
    listeners: required(listeners, 'Where the gateway listens.'),
    addresses: optional(
      array(address, { maxItems: 16 }),
      'Of the addresses that the gateway’s processes have (`weft gateway --address`), those to listen on. Absent: all.',
    ),
    infrastructure: optional(
      infrastructure,
      'What other implementations make of a Gateway. Nothing is made here: a warning, and the condition InfrastructureIgnored.',
    ),
    allowedListeners: defaulted(
      object({
        namespaces: defaulted(
          listenerNamespaces,
          { from: 'None' },
          'The namespaces whose ListenerSets may add listeners.',
        ),
      }),
      { namespaces: { from: 'None' } },
      'Which ListenerSets may add listeners.',
    ),
    tls: optional(
      object({
        frontend: optional(frontend, 'What is asked of the certificates of clients, on all HTTPS listeners.'),
        backend: optional(
          object({
            clientCertificateRef: optional(
              secretRef,
              'A Secret of type `kubernetes.io/tls`: the certificate that is shown to services with a BackendTLSPolicy. Between proxies the gateway shows its own one of the mesh.',
            ),
          }),
          'Towards services that end TLS themselves.',
        ),
      }),
      'TLS of the whole Gateway.',
    ),
    defaultScope: unsupported('a mesh has no default gateways'),
  },
  (value, report) => {
    checkListeners(value.listeners, report);
    const seen = new Map<string, number>();
    for (const [index, { type, value: text }] of (value.addresses ?? []).entries()) {
      if (text === undefined || text === '') continue;
      const first = seen.get(`${type} ${text}`);
      if (first === undefined) seen.set(`${type} ${text}`, index);
      else report(['addresses', index, 'value'], 'duplicate-entry', `the same address as item ${first}`, 'remove one');
    }
  },
);

export type GatewaySpec = Complete<typeof spec>;
export type Gateway = StoredObject<GatewaySpec, GatewayStatus>;

export const GATEWAY = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1', 'v1beta1'],
  kind: 'Gateway',
  plural: 'gateways',
  singular: 'gateway',
  shortNames: ['gtw'],
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'Lets traffic into the mesh: ports, what is spoken on them, certificates, and which routes may attach. `weft gateway --name NAME` serves it.',
  name: dnsSubdomain,
  spec,
  example: {
    gatewayClassName: 'weft',
    listeners: [{ name: 'http', protocol: 'HTTP', port: 8080, hostname: '*.shop.example' }],
  },
  status: 'gateway',
  columns: [
    {
      name: 'Class',
      type: 'string',
      doc: 'spec.gatewayClassName',
      priority: 0,
      value: ({ spec: { gatewayClassName } }) => gatewayClassName,
    },
    {
      name: 'Address',
      type: 'string',
      doc: 'The addresses of the processes that serve it.',
      priority: 0,
      value: ({ status }) =>
        ((status as GatewayStatus | undefined)?.addresses ?? []).map(({ value }) => value).join(',') || '<none>',
    },
    {
      name: 'Programmed',
      type: 'string',
      doc: 'Whether it is served.',
      priority: 0,
      value: ({ status }) =>
        (status as GatewayStatus | undefined)?.conditions.find(({ type }) => type === 'Programmed')?.status ??
        'Unknown',
    },
    {
      name: 'Listeners',
      type: 'string',
      doc: 'Port and protocol of each.',
      priority: 1,
      value: ({ spec: { listeners: list } }) => list.map(({ port, protocol }) => `${port}/${protocol}`).join(','),
    },
  ],
});
