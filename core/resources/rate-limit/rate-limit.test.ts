import { testSpecs } from '../testing/cases.ts';
import { RATE_LIMIT } from './index.ts';

const target = 'targetRefs: [{name: a}]\n';

testSpecs(RATE_LIMIT, [
  { what: 'the shortest', spec: `${target}local: {requests: 1}`, expected: [] },
  { what: 'nothing passes', spec: `${target}local: {requests: 0}`, expected: ['out-of-range local.requests'] },
  { what: 'too often', spec: `${target}local: {requests: 1, per: 49ms}`, expected: ['out-of-range local.per'] },
  {
    what: 'a burst below the rate',
    spec: `${target}local: {requests: 2, burst: 1}`,
    expected: ['out-of-range local.burst'],
  },
  {
    what: 'limits of single callers',
    spec: `${target}local: {requests: 2, overrides: [{identities: [shop/web, "spiffe://other/ns/a/sa/b"], requests: 5, burst: 9}]}`,
    expected: [],
  },
  {
    what: 'limits of callers that cannot be',
    spec: 'targetRefs: [{kind: Gateway, name: a}]\nlocal: {requests: 2, overrides: [{identities: ["shop/*", "a b/c"], requests: 5, burst: 2}]}',
    expected: [
      'out-of-range local.overrides[0].burst',
      'invalid-identity local.overrides[0].identities[0]',
      'invalid-identity local.overrides[0].identities[1]',
    ],
  },
  {
    what: 'limits of single callers where nobody proves who he is',
    spec: 'targetRefs: [{name: a}, {kind: Gateway, name: a}, {kind: HTTPRoute, name: a}]\nlocal: {requests: 2, overrides: [{identities: [shop/web], requests: 5}]}',
    expected: ['exclusive-fields targetRefs[1].kind', 'exclusive-fields targetRefs[2].kind'],
  },
  { what: 'no limit', spec: target, expected: ['missing-field '] },
  {
    what: 'a limiter for all proxies, by what tells requests apart',
    spec: `${target}global: {limits: [{requests: 5, per: 1m, by: [{type: Identity}, {type: Header, name: x-user}, {type: Path, value: "/api/*"}]}]}`,
    expected: [],
  },
  {
    what: 'names and values where none belong, or none are',
    spec: `${target}global: {limits: [{requests: 5, by: [{type: Header}, {type: Address, name: a, value: b}, {type: Header, name: "a b"}, {type: Path, value: "/a?b"}]}]}`,
    expected: [
      'missing-field global.limits[0].by[0].name',
      'exclusive-fields global.limits[0].by[1].name',
      'exclusive-fields global.limits[0].by[1].value',
      'invalid-value global.limits[0].by[2].name',
      'invalid-value global.limits[0].by[3].value',
    ],
  },
  {
    what: 'a time out of range',
    spec: `${target}global: {limits: [{requests: 5, per: 50ms}]}`,
    expected: ['out-of-range global.limits[0].per'],
  },
  {
    what: 'an answer that may take too long',
    spec: `${target}global: {timeout: 2m, limits: [{requests: 5}]}`,
    expected: ['out-of-range global.timeout'],
  },
  {
    what: 'who calls is not known where a route sends',
    spec: 'targetRefs: [{kind: HTTPRoute, name: a}]\nglobal: {limits: [{requests: 5, by: [{type: Identity}]}]}',
    expected: ['exclusive-fields global.limits[0].by[0].type'],
  },
  {
    what: 'a namespace of others',
    spec: 'targetRefs: [{kind: Namespace, name: other}]\nlocal: {requests: 1}',
    expected: ['foreign-namespace targetRefs[0].name'],
  },
]);
