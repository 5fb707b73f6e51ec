/** Gateway API GRPCRouteRule and GRPCRouteMatch. */
import { backendObject, checkBackendObject, weight } from '../gateway/backend-ref.ts';
import { ruleName } from '../gateway/rule-name.ts';
import { checkFilters, filters, type HTTPRouteFilter } from '../http-route/filter.ts';
import { warnOfEquivalentNames } from '../http-route/match.ts';
import { checkRegex } from '../http-route/regex.ts';
import { sessionPersistence } from '../http-route/session-persistence.ts';
import { headerName, headerValue } from '../schema/formats.ts';
import type { Complete, Report } from '../schema/schema.ts';
import { array, defaulted, object, oneOf, optional, required, string } from '../schema/schema.ts';

const TYPE_DOC = '`Exact`: equal, case matters. `RegularExpression`: RE2, the whole name.';
const SERVICE = /^\.?[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*$/;
const METHOD = /^[A-Za-z_][A-Za-z_0-9]*$/;

const methodMatch = object(
  {
    type: defaulted(oneOf(['Exact', 'RegularExpression']), 'Exact', TYPE_DOC),
    service: optional(string({ maxLength: 1024 }), 'The service, with its package: `shop.Orders`. Absent: any.'),
    method: optional(string({ maxLength: 1024 }), 'The method: `Place`. Absent: any.'),
  },
  ({ type, service, method }, report) => {
    if (service === undefined && method === undefined)
      report([], 'missing-field', 'needs `service` or `method`', 'add one, or leave `method` out for every call');
    for (const [field, text, form] of [
      ['service', service, SERVICE],
      ['method', method, METHOD],
    ] as const) {
      if (text === undefined) continue;
      if (type === 'RegularExpression') checkRegex(text, (path, ...rest) => report([field, ...path.slice(1)], ...rest));
      else if (!form.test(text))
        report(
          [field],
          'invalid-value',
          `expected a name of gRPC, such as ${field === 'service' ? '`shop.Orders`' : '`Place`'}`,
        );
    }
  },
);

const headerMatch = object(
  {
    type: defaulted(
      oneOf(['Exact', 'RegularExpression']),
      'Exact',
      '`Exact`: equal, case matters. `RegularExpression`: RE2, the whole value.',
    ),
    name: required(string({ format: headerName }), 'The metadata’s name; case does not matter.'),
    value: required(string({ maxLength: 4096 }), 'The value or expression.'),
  },
  ({ type, value }, report) => {
    if (type === 'RegularExpression') checkRegex(value, report);
    else if (!headerValue.accepts(value)) report(['value'], 'invalid-value', `expected ${headerValue.expected}`);
  },
);

const match = object(
  {
    method: optional(methodMatch, 'The call’s service and method. Absent: any.'),
    headers: optional(array(headerMatch, { maxItems: 16, uniqueBy: ['name'] }), 'Metadata, all of which must match.'),
  },
  ({ headers }, report) => warnOfEquivalentNames(['headers'], headers ?? [], report),
);

export type GRPCRouteMatch = Complete<typeof match>;

/** GRPCRouteFilter has these of HTTPRouteFilter. */
const KNOWN: readonly string[] = ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestMirror', 'ExtensionRef'];

function checkGrpcFilters(list: readonly HTTPRouteFilter[], report: Report): void {
  checkFilters(list, report);
  for (const [index, { type }] of list.entries()) {
    if (KNOWN.includes(type)) continue;
    report(
      ['filters', index, 'type'],
      'invalid-value',
      `a GRPCRoute has no filter ${type}`,
      `write one of ${KNOWN.join(', ')}`,
    );
  }
}

const backendRef = object(
  {
    ...backendObject,
    weight,
    filters: optional(filters, 'Filters for the calls that go to this backend, after those of the rule.'),
  },
  (value, report) => {
    checkBackendObject(value, report);
    checkGrpcFilters(value.filters ?? [], report);
  },
);

export const rule = object(
  {
    name: ruleName,
    matches: defaulted(
      array(match, { maxItems: 64 }),
      [],
      'The rule serves a call when any of these matches; none: every call. Between rules Gateway API’s precedence decides: most characters of the service, of the method, most headers, then the oldest route, then the order.',
    ),
    filters: optional(filters, 'What happens to every call of the rule, in order: header changes and mirrors.'),
    backendRefs: optional(
      array(backendRef, { maxItems: 16 }),
      'Where calls go, by weight. A backend that does not exist answers UNAVAILABLE for its share.',
    ),
    sessionPersistence: optional(
      sessionPersistence,
      'Calls of one session go to one endpoint, as long as it is there; then to another, which the session stays at. Needs a rule with one backend. Clients of gRPC seldom keep cookies: `type: Header` is metadata that a call sends back.',
    ),
  },
  (value, report) => checkGrpcFilters(value.filters ?? [], report),
);

export type GRPCRouteRule = Complete<typeof rule>;
