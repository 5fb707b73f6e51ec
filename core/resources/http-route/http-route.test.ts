import { testSpecs } from '../testing/cases.ts';
import { HTTP_ROUTE } from './index.ts';

const rule = (text: string): string => `rules:\n- ${text}`;
const match = (text: string): string => rule(`matches: [${text}]`);
const path = (text: string): string => match(`{path: ${text}}`);
const filters = (text: string): string => rule(`filters: [${text}]`);
const VALUE = 'rules[0].matches[0].path.value';

testSpecs(HTTP_ROUTE, [
  { what: 'an empty spec is the default rule', spec: 'hostnames: []', expected: [] },
  { what: 'rules may not be empty', spec: 'rules: []', expected: ['too-few rules'] },
  { what: 'at most 16 rules', spec: `rules: [${'{}, '.repeat(17)}]`, expected: ['too-many rules'] },
  {
    what: 'at most 128 matches in all',
    spec: `rules: [${`{matches: [${'{}, '.repeat(43)}]}, `.repeat(3)}]`,
    expected: ['too-many rules'],
  },
  {
    what: 'names of rules are unique',
    spec: 'rules: [{name: a}, {name: b}, {name: a}]',
    expected: ['duplicate-entry rules[2].name'],
  },
  { what: 'a misspelt field', spec: rule('hedaers: []'), expected: ['unknown-field rules[0].hedaers'] },
  {
    what: 'a session as long as the client’s',
    spec: rule('sessionPersistence: {}'),
    expected: [],
  },
  {
    what: 'a permanent session without end',
    spec: rule('sessionPersistence: {cookieConfig: {lifetimeType: Permanent}}'),
    expected: ['missing-field rules[0].sessionPersistence.absoluteTimeout'],
  },
  {
    what: 'a session by header with what a cookie has',
    spec: rule('sessionPersistence: {type: Header, absoluteTimeout: 1h, cookieConfig: {}}'),
    expected: [
      'exclusive-fields rules[0].sessionPersistence.absoluteTimeout',
      'exclusive-fields rules[0].sessionPersistence.cookieConfig',
    ],
  },

  {
    what: 'other routes instead of backends',
    spec: rule(
      'backendRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}, {group: gateway.networking.k8s.io, kind: HTTPRoute, name: a, namespace: b}]',
    ),
    expected: [],
  },
  {
    what: 'another route beside a Service, with a port, with filters of its own; sessions and prefixes of others',
    spec: rule(
      'sessionPersistence: {}\n  filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /x}}}]\n  backendRefs: [{name: s, port: 80}, {group: gateway.networking.k8s.io, kind: HTTPRoute, name: a, port: 80}, {group: gateway.networking.k8s.io, kind: HTTPRoute, name: b, filters: []}]',
    ),
    expected: [
      'exclusive-fields rules[0].backendRefs[0].kind',
      'exclusive-fields rules[0].backendRefs[1].port',
      'exclusive-fields rules[0].backendRefs[2].filters',
      'exclusive-fields rules[0].sessionPersistence',
      'exclusive-fields rules[0].filters[0].urlRewrite.path',
    ],
  },

  { what: 'a relative path', spec: path('{value: a}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'a doubled slash', spec: path('{type: Exact, value: /a//b}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'a dot segment within', spec: path('{value: /a/./b}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'a dot segment at the end', spec: path('{value: /a/.}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'a double dot within', spec: path('{value: /a/../b}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'a double dot at the end', spec: path('{value: /a/..}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'three dots are a name', spec: path('{value: /a/...}'), expected: [] },
  { what: 'an encoded slash', spec: path('{value: /a%2fb}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'a fragment', spec: path('{value: "/a#b"}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'a blank', spec: path('{value: "/a b"}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'half an escape', spec: path('{value: /a%2}'), expected: [`invalid-path ${VALUE}`] },
  { what: 'every allowed character', spec: path(`{value: "/-aZ0._~!$&'()*+,;=:@%20"}`), expected: [] },
  { what: 'a path too long', spec: path(`{value: /${'a'.repeat(1024)}}`), expected: [`too-long ${VALUE}`] },
  {
    what: 'an unknown path type',
    spec: path('{type: Prefix, value: /}'),
    expected: ['invalid-value rules[0].matches[0].path.type'],
  },
  { what: 'a regular expression', spec: path('{type: RegularExpression, value: "/a/[0-9]+(/.*)?"}'), expected: [] },
  {
    what: 'a broken regular expression',
    spec: path('{type: RegularExpression, value: "/a("}'),
    expected: [`invalid-regex ${VALUE}`],
  },
  {
    what: 'an expression that would cost too much',
    spec: path('{type: RegularExpression, value: "/(a|b){900}(c|d){900}"}'),
    expected: [`invalid-regex ${VALUE}`],
  },
  {
    what: 'look-around is not RE2',
    spec: path('{type: RegularExpression, value: "/(?=a)"}'),
    expected: [`invalid-regex ${VALUE}`],
  },
  {
    what: 'a backreference is not RE2',
    spec: path(`{type: RegularExpression, value: '/(a)\\1'}`),
    expected: [`invalid-regex ${VALUE}`],
  },

  {
    what: 'a method in lower case',
    spec: match('{method: get}'),
    expected: ['invalid-value rules[0].matches[0].method'],
  },
  {
    what: 'the same header twice',
    spec: match('{headers: [{name: a, value: b}, {name: a, value: c}]}'),
    expected: ['duplicate-entry rules[0].matches[0].headers[1].name'],
  },
  {
    what: 'the same header in another case',
    spec: match('{headers: [{name: a, value: b}, {name: A, value: c}]}'),
    expected: ['warning duplicate-entry rules[0].matches[0].headers[1].name'],
  },
  {
    what: 'a header name with a colon',
    spec: match('{headers: [{name: ":path", value: b}]}'),
    expected: ['invalid-value rules[0].matches[0].headers[0].name'],
  },
  {
    what: 'a header value with a line break',
    spec: match('{headers: [{name: a, value: "b\\r\\nc: d"}]}'),
    expected: ['invalid-value rules[0].matches[0].headers[0].value'],
  },
  {
    what: 'a broken header expression',
    spec: match('{headers: [{type: RegularExpression, name: a, value: "["}]}'),
    expected: ['invalid-regex rules[0].matches[0].headers[0].value'],
  },
  {
    what: 'the same query parameter twice',
    spec: match('{queryParams: [{name: a, value: b}, {name: a, value: c}]}'),
    expected: ['duplicate-entry rules[0].matches[0].queryParams[1].name'],
  },
  {
    what: 'query parameters differ in case',
    spec: match('{queryParams: [{name: a, value: b}, {name: A, value: c}]}'),
    expected: [],
  },
  {
    what: 'at most 16 headers',
    spec: match(`{headers: [${Array.from({ length: 17 }, (_, i) => `{name: h${i}, value: a}`).join(', ')}]}`),
    expected: ['too-many rules[0].matches[0].headers'],
  },

  { what: 'a host name with a port', spec: 'hostnames: ["a.example:80"]', expected: ['invalid-value hostnames[0]'] },
  { what: 'an IP address is no host name', spec: 'hostnames: [10.0.0.1]', expected: ['invalid-value hostnames[0]'] },
  { what: 'a wildcard within', spec: 'hostnames: [a.*.example]', expected: ['invalid-value hostnames[0]'] },
  { what: 'upper case', spec: 'hostnames: [Shop.example]', expected: ['invalid-value hostnames[0]'] },

  {
    what: 'a backend without port',
    spec: rule('backendRefs: [{name: a}]'),
    expected: ['missing-field rules[0].backendRefs[0].port'],
  },
  {
    what: 'a backend of another kind needs none',
    spec: rule('backendRefs: [{group: x.example, kind: Bucket, name: a}]'),
    expected: [],
  },
  {
    what: 'a weight above a million',
    spec: rule('backendRefs: [{name: a, port: 1, weight: 1000001}]'),
    expected: ['out-of-range rules[0].backendRefs[0].weight'],
  },
  {
    what: 'a negative weight',
    spec: rule('backendRefs: [{name: a, port: 1, weight: -1}]'),
    expected: ['out-of-range rules[0].backendRefs[0].weight'],
  },
  {
    what: 'a broken weight',
    spec: rule('backendRefs: [{name: a, port: 1, weight: 0.5}]'),
    expected: ['wrong-type rules[0].backendRefs[0].weight'],
  },
  {
    what: 'at most 16 backends',
    spec: rule(`backendRefs: [${'{name: a, port: 1}, '.repeat(17)}]`),
    expected: ['too-many rules[0].backendRefs'],
  },
  {
    what: 'port zero',
    spec: rule('backendRefs: [{name: a, port: 0}]'),
    expected: ['out-of-range rules[0].backendRefs[0].port'],
  },

  {
    what: 'a filter without its member',
    spec: filters('{type: URLRewrite}'),
    expected: ['missing-field rules[0].filters[0].urlRewrite'],
  },
  {
    what: 'a filter with another member',
    spec: filters('{type: URLRewrite, urlRewrite: {}, cors: {}}'),
    expected: ['exclusive-fields rules[0].filters[0].cors'],
  },
  {
    what: 'a filter twice',
    spec: filters('{type: URLRewrite, urlRewrite: {}}, {type: URLRewrite, urlRewrite: {}}'),
    expected: ['duplicate-entry rules[0].filters[1].type'],
  },
  {
    what: 'mirrors may repeat',
    spec: filters(
      '{type: RequestMirror, requestMirror: {backendRef: {name: a, port: 1}}}, {type: RequestMirror, requestMirror: {backendRef: {name: b, port: 1}}}',
    ),
    expected: [],
  },
  {
    what: 'redirect and rewrite',
    spec: filters('{type: RequestRedirect, requestRedirect: {}}, {type: URLRewrite, urlRewrite: {}}'),
    expected: ['exclusive-fields rules[0].filters[1].type'],
  },
  {
    what: 'redirect and backends',
    spec: rule('filters: [{type: RequestRedirect, requestRedirect: {}}]\n  backendRefs: [{name: a, port: 1}]'),
    expected: ['exclusive-fields rules[0].backendRefs'],
  },
  {
    what: 'a redirect status',
    spec: filters('{type: RequestRedirect, requestRedirect: {statusCode: 304}}'),
    expected: ['out-of-range rules[0].filters[0].requestRedirect.statusCode'],
  },
  {
    what: 'a redirect to a wildcard',
    spec: filters('{type: RequestRedirect, requestRedirect: {hostname: "*.a"}}'),
    expected: ['invalid-value rules[0].filters[0].requestRedirect.hostname'],
  },
  {
    what: 'a redirect to an address',
    spec: filters('{type: RequestRedirect, requestRedirect: {hostname: 10.0.0.1}}'),
    expected: ['invalid-value rules[0].filters[0].requestRedirect.hostname'],
  },
  {
    what: 'the experimental filter',
    spec: filters('{type: ExternalAuth, externalAuth: {}}'),
    expected: [
      'missing-field rules[0].filters[0].externalAuth.protocol',
      'missing-field rules[0].filters[0].externalAuth.backendRef',
    ],
  },
  {
    what: 'the same removed header twice',
    spec: filters('{type: RequestHeaderModifier, requestHeaderModifier: {remove: [a, a]}}'),
    expected: ['duplicate-entry rules[0].filters[0].requestHeaderModifier.remove[1]'],
  },
  {
    what: 'a header set and removed',
    spec: filters('{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: A, value: b}], remove: [a]}}'),
    expected: ['warning duplicate-entry rules[0].filters[0].requestHeaderModifier.remove[0]'],
  },
  {
    what: 'Host, and headers of a connection, in a filter',
    spec: filters(
      '{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: Host, value: b}], add: [{name: Content-Length, value: "1"}], remove: [transfer-encoding]}}',
    ),
    expected: [
      'invalid-value rules[0].filters[0].requestHeaderModifier.set[0].name',
      'invalid-value rules[0].filters[0].requestHeaderModifier.add[0].name',
      'invalid-value rules[0].filters[0].requestHeaderModifier.remove[0]',
    ],
  },
  {
    what: 'a header value with a line break in a filter',
    spec: filters('{type: ResponseHeaderModifier, responseHeaderModifier: {add: [{name: a, value: "b\\nc"}]}}'),
    expected: ['invalid-value rules[0].filters[0].responseHeaderModifier.add[0].value'],
  },
  {
    what: 'percent and fraction',
    spec: filters(
      '{type: RequestMirror, requestMirror: {backendRef: {name: a, port: 1}, percent: 1, fraction: {numerator: 1}}}',
    ),
    expected: ['exclusive-fields rules[0].filters[0].requestMirror.fraction'],
  },
  {
    what: 'a fraction above one',
    spec: filters('{type: RequestMirror, requestMirror: {backendRef: {name: a, port: 1}, fraction: {numerator: 101}}}'),
    expected: ['out-of-range rules[0].filters[0].requestMirror.fraction.numerator'],
  },

  {
    what: 'a prefix replaced beside one prefix match',
    spec: rule(
      'matches: [{path: {value: /a}}]\n  filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: ""}}}]',
    ),
    expected: [],
  },
  {
    what: 'a prefix replaced beside the default match',
    spec: filters('{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}'),
    expected: [],
  },
  {
    what: 'a prefix replaced beside an exact match',
    spec: rule(
      'matches: [{path: {type: Exact, value: /a}}]\n  filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]',
    ),
    expected: ['ambiguous-prefix rules[0].filters[0].urlRewrite.path.replacePrefixMatch'],
  },
  {
    what: 'a prefix replaced beside two matches, in a backend',
    spec: rule(
      'matches: [{}, {method: GET}]\n  backendRefs: [{name: a, port: 1, filters: [{type: URLRewrite, urlRewrite: {path: {type: ReplacePrefixMatch, replacePrefixMatch: /b}}}]}]',
    ),
    expected: ['ambiguous-prefix rules[0].backendRefs[0].filters[0].urlRewrite.path.replacePrefixMatch'],
  },
  {
    what: 'a modifier with the other member',
    spec: filters('{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replacePrefixMatch: /b}}}'),
    expected: [
      'missing-field rules[0].filters[0].urlRewrite.path.replaceFullPath',
      'exclusive-fields rules[0].filters[0].urlRewrite.path.replacePrefixMatch',
    ],
  },
  {
    what: 'a full path that would break the request line',
    spec: filters('{type: URLRewrite, urlRewrite: {path: {type: ReplaceFullPath, replaceFullPath: "/a b"}}}'),
    expected: ['invalid-path rules[0].filters[0].urlRewrite.path.replaceFullPath'],
  },

  { what: 'timeouts', spec: rule('timeouts: {request: 10s, backendRequest: 500ms}'), expected: [] },
  {
    what: 'a backend timeout longer than the request',
    spec: rule('timeouts: {request: 1s, backendRequest: 2s}'),
    expected: ['out-of-range rules[0].timeouts.backendRequest'],
  },
  {
    what: 'no request timeout bounds nothing',
    spec: rule('timeouts: {request: 0s, backendRequest: 2s}'),
    expected: [],
  },
  {
    what: 'a number is no duration',
    spec: rule('timeouts: {request: 10}'),
    expected: ['wrong-type rules[0].timeouts.request'],
  },
  {
    what: 'a fraction of a unit',
    spec: rule('timeouts: {request: 1.5s}'),
    expected: ['invalid-value rules[0].timeouts.request'],
  },
  { what: 'retries', spec: rule('retry: {codes: [500, 503], attempts: 0, backoff: 100ms}'), expected: [] },
  {
    what: 'a retry status below 400',
    spec: rule('retry: {codes: [302]}'),
    expected: ['out-of-range rules[0].retry.codes[0]'],
  },

  {
    what: 'the same parent twice',
    spec: 'parentRefs: [{name: a}, {name: a}]',
    expected: ['duplicate-entry parentRefs[1]'],
  },
  { what: 'two ports of a parent', spec: 'parentRefs: [{name: a, port: 1}, {name: a, port: 2}]', expected: [] },
  {
    what: 'a parent and one of its ports',
    spec: 'parentRefs: [{name: a, port: 1}, {name: a}]',
    expected: ['duplicate-entry parentRefs[1]'],
  },
  {
    what: 'a section and a port of a parent could be the same',
    spec: 'parentRefs: [{name: a, port: 1}, {name: a, sectionName: x}]',
    expected: ['duplicate-entry parentRefs[1]'],
  },
  {
    what: 'the same retry status twice',
    spec: rule('retry: {codes: [503, 503]}'),
    expected: ['duplicate-entry rules[0].retry.codes[1]'],
  },
  {
    what: 'the same section twice',
    spec: 'parentRefs: [{name: a, sectionName: x}, {name: a, sectionName: x}]',
    expected: ['duplicate-entry parentRefs[1]'],
  },
  { what: 'one name in two namespaces', spec: 'parentRefs: [{name: a}, {name: a, namespace: b}]', expected: [] },
]);
