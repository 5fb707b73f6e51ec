/** Gateway API TLSRoute: TLS connections by their server name, ended at the gateway or passed through unread. */
import { checkParentRefs, PARENT_REFS_DOC, parentRefs } from '../gateway/parent-ref.ts';
import { checkRuleNames } from '../gateway/rule-name.ts';
import { streamRules } from '../gateway/stream-rule.ts';
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, hostname } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, object, optional, required, string, unsupported } from '../schema/schema.ts';
import type { RouteStatus } from '../status.ts';

const spec = object(
  {
    parentRefs: optional(parentRefs, PARENT_REFS_DOC),
    useDefaultGateways: unsupported('a mesh has no default gateways'),
    hostnames: required(
      array(string({ format: hostname }), { minItems: 1, maxItems: 16 }),
      'Server names (SNI) the route is about; at a listener with a host name, those that both cover.',
    ),
    rules: streamRules('connections', 'the server name alone is known'),
  },
  (value, report) => {
    checkParentRefs(value.parentRefs, report);
    checkRuleNames(value.rules, report);
  },
);

export type TLSRouteSpec = Complete<typeof spec>;
export type TLSRoute = StoredObject<TLSRouteSpec, RouteStatus>;

export const TLS_ROUTE = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1', 'v1alpha2'],
  kind: 'TLSRoute',
  plural: 'tlsroutes',
  singular: 'tlsroute',
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'Sends TLS connections to a Gateway’s TLS listener on to services, by server name; with `mode: Passthrough` unread.',
  name: dnsSubdomain,
  spec,
  example: {
    parentRefs: [{ name: 'edge', sectionName: 'tls' }],
    hostnames: ['db.shop.example'],
    rules: [{ backendRefs: [{ name: 'db', port: 5432 }] }],
  },
  status: 'route',
  columns: [
    {
      name: 'Hostnames',
      type: 'string',
      doc: 'spec.hostnames',
      priority: 0,
      value: ({ spec: { hostnames } }) => hostnames.join(','),
    },
  ],
});
