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
  { what: 'no limit', spec: target, expected: ['missing-field local'] },
  {
    what: 'a limiter for all proxies',
    spec: `${target}local: {requests: 1}\nglobal: {}`,
    expected: ['unsupported-field global'],
  },
  {
    what: 'a namespace of others',
    spec: 'targetRefs: [{kind: Namespace, name: other}]\nlocal: {requests: 1}',
    expected: ['foreign-namespace targetRefs[0].name'],
  },
]);
