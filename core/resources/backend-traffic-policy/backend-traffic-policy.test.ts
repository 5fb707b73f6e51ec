import { testSpecs } from '../testing/cases.ts';
import { X_BACKEND_TRAFFIC_POLICY } from './index.ts';

const TARGET = 'targetRefs: [{group: "", kind: Service, name: a}]\n';

testSpecs(X_BACKEND_TRAFFIC_POLICY, [
  { what: 'everything', spec: `${TARGET}retryConstraint: {}\nsessionPersistence: {}`, expected: [] },
  {
    what: 'bounds of intervals',
    spec: `${TARGET}retryConstraint: {budget: {percent: 101}, minRetryRate: {count: 0}}`,
    expected: ['out-of-range retryConstraint.budget.percent', 'out-of-range retryConstraint.minRetryRate.count'],
  },
  {
    what: 'too short intervals',
    spec: `${TARGET}retryConstraint: {budget: {interval: 500ms}, minRetryRate: {interval: 0s}}`,
    expected: ['out-of-range retryConstraint.budget.interval', 'out-of-range retryConstraint.minRetryRate.interval'],
  },
  {
    what: 'longer than an hour',
    spec: `${TARGET}retryConstraint: {budget: {interval: 61m}, minRetryRate: {interval: 61m}}`,
    expected: ['out-of-range retryConstraint.budget.interval', 'out-of-range retryConstraint.minRetryRate.interval'],
  },
  {
    what: 'a permanent cookie without its time, and a port',
    spec: 'targetRefs: [{group: "", kind: Service, name: a, sectionName: http}]\nsessionPersistence: {cookieConfig: {lifetimeType: Permanent}}',
    expected: ['missing-field sessionPersistence.absoluteTimeout', 'unknown-field targetRefs[0].sectionName'],
  },
  { what: 'nothing', spec: TARGET, expected: ['warning no-effect '] },
  {
    what: 'twice the same, and a route',
    spec: 'targetRefs: [{group: "", kind: Service, name: a}, {group: "", kind: Service, name: a}, {group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}]\nretryConstraint: {}',
    expected: ['duplicate-entry targetRefs[1]', 'invalid-value targetRefs[2].kind'],
  },
]);
