/** Gateway API UDPRoute v1alpha2: datagrams that come to a gateway's port. */
import { checkParentRefs, PARENT_REFS_DOC, parentRefs } from '../gateway/parent-ref.ts';
import { checkRuleNames } from '../gateway/rule-name.ts';
import { streamRules } from '../gateway/stream-rule.ts';
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { object, optional, unsupported } from '../schema/schema.ts';
import type { RouteStatus } from '../status.ts';

const spec = object(
  {
    parentRefs: optional(parentRefs, PARENT_REFS_DOC),
    useDefaultGateways: unsupported('a mesh has no default gateways'),
    rules: streamRules('datagrams', 'a datagram says nothing to choose by'),
  },
  (value, report) => {
    checkParentRefs(value.parentRefs, report);
    checkRuleNames(value.rules, report);
  },
);

export type UDPRouteSpec = Complete<typeof spec>;
export type UDPRoute = StoredObject<UDPRouteSpec, RouteStatus>;

export const UDP_ROUTE = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1alpha2'],
  kind: 'UDPRoute',
  plural: 'udproutes',
  singular: 'udproute',
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'Sends the datagrams that come to a Gateway’s UDP listener on to a service.',
  name: dnsSubdomain,
  spec,
  example: {
    parentRefs: [{ name: 'edge', sectionName: 'dns' }],
    rules: [{ backendRefs: [{ name: 'dns', port: 53 }] }],
  },
  status: 'route',
  columns: [
    {
      name: 'Parents',
      type: 'string',
      doc: 'What it is attached to.',
      priority: 0,
      value: ({ spec: { parentRefs: refs } }) => (refs ?? []).map(({ name }) => name).join(',') || '<none>',
    },
  ],
});
