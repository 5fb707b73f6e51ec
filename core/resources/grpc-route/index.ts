/** Gateway API GRPCRoute v1: gRPC calls by service, method and metadata; at a gateway or to a service of the mesh. */
import { checkParentRefs, PARENT_REFS_DOC, parentRefs } from '../gateway/parent-ref.ts';
import { checkRuleNames } from '../gateway/rule-name.ts';
import { checkMatchCount } from '../gateway/match-count.ts';
import { defineKind, GATEWAY_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain, hostname } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { array, defaulted, object, optional, string, unsupported } from '../schema/schema.ts';
import type { RouteStatus } from '../status.ts';
import { rule } from './rule.ts';

export type { GRPCRouteMatch, GRPCRouteRule } from './rule.ts';

const spec = object(
  {
    parentRefs: optional(parentRefs, PARENT_REFS_DOC),
    useDefaultGateways: unsupported('a mesh has no default gateways'),
    hostnames: optional(
      array(string({ format: hostname }), { maxItems: 16 }),
      'Host names the route is about, at a Gateway. With a Service as parent they have no effect: the service’s own names count.',
    ),
    rules: defaulted(array(rule, { minItems: 1, maxItems: 16 }), [{}], 'What is done with which call.'),
  },
  (value, report) => {
    checkParentRefs(value.parentRefs, report);
    checkRuleNames(value.rules, report);
    checkMatchCount(value.rules, report);
  },
);

export type GRPCRouteSpec = Complete<typeof spec>;
export type GRPCRoute = StoredObject<GRPCRouteSpec, RouteStatus>;

export const GRPC_ROUTE = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1', 'v1alpha2'],
  kind: 'GRPCRoute',
  plural: 'grpcroutes',
  singular: 'grpcroute',
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'Says where gRPC calls go: by service, method and metadata to one or several services by weight.',
  name: dnsSubdomain,
  spec,
  example: {
    parentRefs: [{ group: '', kind: 'Service', name: 'orders' }],
    rules: [
      {
        matches: [{ method: { service: 'shop.Orders', method: 'Place' } }],
        backendRefs: [{ name: 'orders-v2', port: 9000 }],
      },
      { backendRefs: [{ name: 'orders-v1', port: 9000 }] },
    ],
  },
  status: 'route',
  columns: [
    {
      name: 'Hostnames',
      type: 'string',
      doc: 'spec.hostnames',
      priority: 0,
      value: ({ spec: { hostnames } }) => hostnames?.join(',') ?? '',
    },
    {
      name: 'Parents',
      type: 'string',
      doc: 'What it is attached to.',
      priority: 1,
      value: ({ spec: { parentRefs: refs } }) => (refs ?? []).map(({ name }) => name).join(',') || '<none>',
    },
  ],
});
