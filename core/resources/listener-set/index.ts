/** Gateway API ListenerSet v1 (GEP-1713): listeners that others than a Gateway's owner add to it. */
import { checkListeners, listeners } from '../gateway/listener.ts';
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsLabel, dnsSubdomain, group, kindName } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { defaulted, object, optional, required, string } from '../schema/schema.ts';
import type { GatewayStatus } from '../status.ts';

const parentRef = object({
  group: defaulted(string({ format: group, minLength: 0 }), GATEWAY_GROUP, 'The parent’s API group.'),
  kind: defaulted(string({ format: kindName }), 'Gateway', 'The parent’s kind: `Gateway`.'),
  namespace: optional(string({ format: dnsLabel }), 'The Gateway’s namespace. Absent: the set’s own.'),
  name: required(string({ format: dnsSubdomain }), 'The Gateway’s name.'),
});

const spec = object(
  {
    parentRef: required(parentRef, 'The Gateway, whose `allowedListeners` must let the set in.'),
    listeners: required(
      listeners,
      'Where the Gateway listens besides. Names need not differ from those of the Gateway. In conflict the Gateway’s own go before, then those of the oldest set, then of the first by namespace and name.',
    ),
  },
  (value, report) => checkListeners(value.listeners, report),
);

export type ListenerSetSpec = Complete<typeof spec>;
export type ListenerSet = StoredObject<ListenerSetSpec, GatewayStatus>;

export const LISTENER_SET = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1'],
  kind: 'ListenerSet',
  plural: 'listenersets',
  singular: 'listenerset',
  shortNames: ['lset'],
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'Adds listeners to a Gateway of somebody else: a team brings its host names and certificates, and attaches its routes to the set.',
  name: dnsSubdomain,
  spec,
  example: {
    parentRef: { name: 'edge', namespace: 'infra' },
    listeners: [{ name: 'http', protocol: 'HTTP', port: 8080, hostname: 'team.example' }],
  },
  status: 'gateway',
  columns: [
    {
      name: 'Gateway',
      type: 'string',
      doc: 'spec.parentRef',
      priority: 0,
      value: ({ spec: { parentRef: parent } }) =>
        `${parent.namespace === undefined ? '' : `${parent.namespace}/`}${parent.name}`,
    },
    {
      name: 'Accepted',
      type: 'string',
      doc: 'Whether the Gateway lets it in.',
      priority: 0,
      value: ({ status }) =>
        (status as GatewayStatus | undefined)?.conditions.find(({ type }) => type === 'Accepted')?.status ?? 'Unknown',
    },
  ],
});
