import { testSpecs } from '../testing/cases.ts';
import { VISIBILITY } from './index.ts';

testSpecs(VISIBILITY, [
  { what: 'nothing is known', spec: 'targetRefs: [{name: shop}]\nservices: []', expected: [] },
  {
    what: 'own services, one of another namespace, and one name everywhere',
    spec: 'targetRefs: [{kind: Namespace, name: shop}]\nworkloadSelector: {app: web}\nservices: [{}, {namespace: bank, name: ledger}, {namespace: "*", name: audit}]',
    expected: [],
  },
  {
    what: 'another namespace’s callers',
    spec: 'targetRefs: [{kind: Namespace, name: bank}]\nservices: []',
    expected: ['foreign-namespace targetRefs[0].name'],
  },
  {
    what: 'another namespace’s callers beside faults of other fields',
    spec: 'targetRefs: [{kind: Namespace, name: bank}]\nservices: [{namespace: "b*"}]\nservice: 1',
    expected: ['foreign-namespace targetRefs[0].name', 'invalid-value services[0].namespace', 'unknown-field service'],
  },
  {
    what: 'workloads of the whole mesh by label',
    spec: 'targetRefs: [{kind: Mesh, name: default}]\nworkloadSelector: {app: web}\nservices: []',
    expected: ['exclusive-fields workloadSelector'],
  },
  {
    what: 'no list, and what is no caller',
    spec: 'targetRefs: [{kind: Service, name: orders}]',
    expected: ['missing-field services', 'invalid-value targetRefs[0].kind'],
  },
  {
    what: 'the same twice, a pattern',
    spec: 'targetRefs: [{name: shop}]\nservices: [{name: a}, {name: a}, {namespace: "b*"}]',
    expected: ['duplicate-entry services[1]', 'invalid-value services[2].namespace'],
  },
]);
