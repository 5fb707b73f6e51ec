/** Gateway API TCPRoute (v1alpha2 until 1.6, v1 since): connections to a service, split by weight. */
import { backendRef } from '../gateway/backend-ref.ts';
import { checkParentRefs, PARENT_REFS_DOC, parentRefs } from '../gateway/parent-ref.ts';
import { checkRuleNames, ruleName } from '../gateway/rule-name.ts';
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, object, optional, required, unsupported } from '../schema/schema.ts';
import type { RouteStatus } from '../status.ts';

const rule = object({
  name: ruleName,
  backendRefs: required(
    array(backendRef, { minItems: 1, maxItems: 16 }),
    'Where connections go, by weight. A backend that does not exist closes its share of them.',
  ),
});

const spec = object(
  {
    parentRefs: optional(parentRefs, PARENT_REFS_DOC),
    useDefaultGateways: unsupported('a mesh has no default gateways'),
    rules: required(
      array(rule, { minItems: 1, maxItems: 1 }),
      'Exactly one rule: a connection says nothing to choose by.',
    ),
  },
  (value, report) => {
    checkParentRefs(value.parentRefs, report);
    checkRuleNames(value.rules, report);
  },
);

export type TCPRouteSpec = Complete<typeof spec>;
export type TCPRouteRule = TCPRouteSpec['rules'][number];
export type TCPRoute = StoredObject<TCPRouteSpec, RouteStatus>;

export const TCP_ROUTE = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1', 'v1alpha2'],
  kind: 'TCPRoute',
  plural: 'tcproutes',
  singular: 'tcproute',
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'Sends the TCP connections to a service on to other services, by weight.',
  name: dnsSubdomain,
  spec,
  example: {
    parentRefs: [{ group: '', kind: 'Service', name: 'cache' }],
    rules: [{ backendRefs: [{ name: 'cache-blue', port: 6379 }] }],
  },
  status: 'route',
  columns: [
    {
      name: 'Parents',
      type: 'string',
      doc: 'The services it serves.',
      priority: 0,
      value: ({ spec: { parentRefs: refs } }) => (refs ?? []).map(({ name }) => name).join(',') || '<none>',
    },
  ],
});
