/** weft.dev HTTPRouteFilter: what rules of routes need and Gateway API has no word for. A rule names it in a filter of type ExtensionRef. */
import { defineKind, WEFT_GROUP } from '../kind.ts';
import type { StoredObject } from '../object.ts';
import { dnsSubdomain } from '../schema/formats.ts';
import type { Complete } from '../schema/schema.ts';
import { object, optional } from '../schema/schema.ts';
import type { ConditionsStatus } from '../status.ts';
import { conditions } from './conditions.ts';
import { cors } from './cors.ts';
import { directResponse } from './direct-response.ts';
import { urlRewrite } from './url-rewrite.ts';

const spec = object(
  {
    conditions: optional(
      conditions,
      'The rule that names the filter takes only requests that meet all of this, too; those of several filters add up. What is otherwise equal in Gateway API’s order of matches is ordered by their number (each header, `scheme`, `from`), the larger first, before age. A filter of rules, not of backends.',
    ),
    cors: optional(
      cors,
      'Further origins for the filter `CORS` that stands beside this one, in the same rule or backend.',
    ),
    urlRewrite: optional(
      urlRewrite,
      'Changes the path of the request by an expression; also as a filter of one backend. Not beside another rewrite, a redirect or `directResponse`.',
    ),
    directResponse: optional(
      directResponse,
      'The proxy that routes the request answers it itself. Of a rule without `backendRefs`, redirect and rewrite.',
    ),
  },
  (value, report) => {
    if (Object.values(value).every((field) => field === undefined))
      report(
        [],
        'missing-field',
        'the filter does nothing',
        'add `conditions`, `cors`, `urlRewrite` or `directResponse`',
      );
    if (value.urlRewrite !== undefined && value.directResponse !== undefined)
      report(
        ['urlRewrite'],
        'exclusive-fields',
        'is not allowed beside `directResponse`: what is answered here goes nowhere',
        'remove one',
      );
  },
);

export type RouteFilterSpec = Complete<typeof spec>;
export type { Conditions, HeaderCondition } from './conditions.ts';
export type RouteFilter = StoredObject<RouteFilterSpec, ConditionsStatus>;

export const HTTP_ROUTE_FILTER = defineKind({
  group: WEFT_GROUP,
  versions: ['v1alpha1'],
  kind: 'HTTPRouteFilter',
  plural: 'httproutefilters',
  singular: 'httproutefilter',
  categories: ['weft'],
  scope: 'Namespaced',
  doc: 'What a rule of an HTTPRoute or GRPCRoute does beyond the words of Gateway API: it takes only requests that meet further conditions, answers them itself, rewrites their paths by expression. The rule names it in a filter `ExtensionRef`; the shape is that of Envoy Gateway’s kind of the same name.',
  name: dnsSubdomain,
  spec,
  example: { directResponse: { statusCode: 503, contentType: 'text/plain', body: { inline: 'closed for today' } } },
  status: 'conditions',
  columns: [
    {
      name: 'Does',
      type: 'string',
      doc: 'Which parts of the spec are there.',
      priority: 0,
      value: ({ spec: written }) =>
        Object.entries(written)
          .flatMap(([name, part]) => (part === undefined ? [] : [name]))
          .join(','),
    },
  ],
});
