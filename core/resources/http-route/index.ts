/** Gateway API HTTPRoute v1. In a mesh its parent is a Service: it shapes what the callers of that service get (GAMMA). */
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

export type { HTTPRouteFilter } from './filter.ts';
export type { PathModifier } from './filters/path-modifier.ts';
export type { HTTPRouteMatch } from './match.ts';
export type { HTTPBackendRef, HTTPRouteRule } from './rule.ts';
export { isHttpRouteRef } from './rule.ts';

const spec = object(
  {
    parentRefs: optional(parentRefs, PARENT_REFS_DOC),
    useDefaultGateways: unsupported('a mesh has no default gateways'),
    hostnames: optional(
      array(string({ format: hostname }), { maxItems: 16 }),
      'Host names the route is about. With a Service as parent they have no effect: the service’s own names count.',
    ),
    rules: defaulted(
      array(rule, { minItems: 1, maxItems: 16 }),
      [{ matches: [{ path: { type: 'PathPrefix', value: '/' } }] }],
      'What is done with which request.',
    ),
  },
  (value, report) => {
    checkParentRefs(value.parentRefs, report);
    checkRuleNames(value.rules, report);
    checkMatchCount(value.rules, report);
  },
);

export type HTTPRouteSpec = Complete<typeof spec>;
export type HTTPRoute = StoredObject<HTTPRouteSpec, RouteStatus>;

export const HTTP_ROUTE = defineKind({
  group: GATEWAY_GROUP,
  versions: ['v1', 'v1beta1'],
  kind: 'HTTPRoute',
  plural: 'httproutes',
  singular: 'httproute',
  categories: ['gateway-api'],
  scope: 'Namespaced',
  doc: 'Says what the HTTP requests to a service get: by path, headers, query and method to one or several services by weight, changed, redirected, limited in time, tried again.',
  name: dnsSubdomain,
  spec,
  example: {
    parentRefs: [{ group: '', kind: 'Service', name: 'orders' }],
    rules: [
      {
        matches: [{ path: { type: 'PathPrefix', value: '/v2' } }],
        backendRefs: [{ name: 'orders-v2', port: 80 }],
      },
      {
        backendRefs: [
          { name: 'orders-v1', port: 80, weight: 90 },
          { name: 'orders-v2', port: 80, weight: 10 },
        ],
      },
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
      doc: 'The services it serves.',
      priority: 1,
      value: ({ spec: { parentRefs: refs } }) => (refs ?? []).map(({ name }) => name).join(',') || '<none>',
    },
    {
      name: 'Rules',
      type: 'integer',
      doc: 'How many rules.',
      priority: 1,
      value: ({ spec: { rules } }) => rules.length,
    },
  ],
});
