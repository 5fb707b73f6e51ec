import { testSpecs } from '../testing/cases.ts';
import { HTTP_ROUTE_FILTER } from './index.ts';

const rewrite = (pattern: string, substitution: string): string =>
  `urlRewrite: {path: {type: ReplaceRegexMatch, replaceRegexMatch: {pattern: '${pattern}', substitution: '${substitution}'}}}`;
const AT = 'urlRewrite.path.replaceRegexMatch';

testSpecs(HTTP_ROUTE_FILTER, [
  { what: 'the shortest answer', spec: 'directResponse: {}', expected: [] },
  {
    what: 'an answer with all that it has',
    spec: 'directResponse: {statusCode: 503, contentType: application/json, body: {type: Inline, inline: "{}"}}',
    expected: [],
  },
  { what: 'nothing', spec: '{}', expected: ['missing-field '] },
  {
    what: 'no status of an answer',
    spec: 'directResponse: {statusCode: 101}',
    expected: ['out-of-range directResponse.statusCode'],
  },
  {
    what: 'a body in another object, a content type that would break a line',
    spec: 'directResponse: {contentType: "a\\r\\nb", body: {type: ValueRef, inline: a}}',
    expected: ['invalid-value directResponse.contentType', 'unsupported-value directResponse.body.type'],
  },
  {
    what: 'a body that is longer in octets than in characters',
    spec: `directResponse: {body: {inline: "${'é'.repeat(2049)}"}}`,
    expected: ['too-long directResponse.body.inline'],
  },
  {
    what: 'a body where there is none',
    spec: 'directResponse: {statusCode: 204, body: {inline: a}}',
    expected: ['exclusive-fields directResponse.body'],
  },
  { what: 'a rewrite by groups', spec: rewrite('^/v([0-9]+)/(.*)$', '/\\2/\\1'), expected: [] },
  { what: 'a rewrite to nothing', spec: rewrite('/old', ''), expected: [] },
  { what: 'a rewrite that says nothing', spec: 'urlRewrite: {}', expected: ['missing-field urlRewrite'] },
  { what: 'an expression with look-around', spec: rewrite('(?=a)', '/'), expected: [`invalid-regex ${AT}.pattern`] },
  {
    what: 'an expression of too many instructions',
    spec: rewrite('(?:a{30}){40}', '/'),
    expected: [`invalid-regex ${AT}.pattern`],
  },
  { what: 'a group that is not there', spec: rewrite('^/(a)', '/\\2'), expected: [`out-of-range ${AT}.substitution`] },
  { what: 'a backslash before a letter', spec: rewrite('^/a', '/\\n'), expected: [`invalid-path ${AT}.substitution`] },
  { what: 'a query in the path', spec: rewrite('^/a', '/b?c'), expected: [`invalid-path ${AT}.substitution`] },
  { what: 'a blank in the path', spec: rewrite('^/a', '/b c'), expected: [`invalid-path ${AT}.substitution`] },
  {
    what: 'both',
    spec: `directResponse: {}\n${rewrite('a', 'b')}`,
    expected: ['exclusive-fields urlRewrite'],
  },
]);

const header = (text: string): string => `conditions: {headers: [{name: x-a, ${text}}]}`;
const HEADER = 'conditions.headers[0]';

testSpecs(HTTP_ROUTE_FILTER, [
  {
    what: 'every condition',
    spec: 'conditions: {scheme: https, ignorePathCase: true, headers: [{name: x-a, value: b}, {name: x-a, type: Prefix, value: c, ignoreCase: true, invert: true}, {name: x-n, type: Range, range: {start: -1}}, {name: p, type: Present}, {name: q, type: Absent}, {name: r, type: RegularExpression, value: "(?i)a.*"}], from: [{namespaces: ["*"], labels: {app: web}}, {accounts: [a]}]}',
    expected: [],
  },
  { what: 'no condition', spec: 'conditions: {}', expected: ['missing-field conditions'] },
  {
    what: 'a caller of whom nothing is said',
    spec: 'conditions: {from: [{}]}',
    expected: ['missing-field conditions.from[0]'],
  },
  {
    what: 'a namespace that is none',
    spec: 'conditions: {from: [{namespaces: ["a*"]}]}',
    expected: ['invalid-value conditions.from[0].namespaces[0]'],
  },
  { what: 'no value', spec: header('type: Suffix'), expected: [`missing-field ${HEADER}.value`] },
  {
    what: 'a value of presence',
    spec: header('type: Present, value: a'),
    expected: [`exclusive-fields ${HEADER}.value`],
  },
  {
    what: 'inverted absence',
    spec: header('type: Absent, invert: true'),
    expected: [`exclusive-fields ${HEADER}.invert`],
  },
  {
    what: 'no range, and a value',
    spec: header('type: Range, value: "5"'),
    expected: [`missing-field ${HEADER}.range`, `exclusive-fields ${HEADER}.value`],
  },
  {
    what: 'an empty range',
    spec: header('type: Range, range: {start: 5, end: 5}'),
    expected: [`out-of-range ${HEADER}.range.end`],
  },
  { what: 'a range of nothing', spec: header('type: Range, range: {}'), expected: [`missing-field ${HEADER}.range`] },
  {
    what: 'case of an expression',
    spec: header('type: RegularExpression, value: "a(", ignoreCase: true'),
    expected: [`invalid-regex ${HEADER}.value`, `exclusive-fields ${HEADER}.ignoreCase`],
  },
  { what: 'a scheme that is none', spec: 'conditions: {scheme: ftp}', expected: ['invalid-value conditions.scheme'] },
  { what: 'origins by expression', spec: 'cors: {allowOriginRegexes: ["https://pr-[0-9]+\\\\.shop"]}', expected: [] },
  {
    what: 'an origin by a broken expression',
    spec: 'cors: {allowOriginRegexes: ["(", "a"]}',
    expected: ['invalid-regex cors.allowOriginRegexes[0]'],
  },
]);
