import { testSpecs } from '../testing/cases.ts';
import { TCP_ROUTE } from './index.ts';

testSpecs(TCP_ROUTE, [
  { what: 'one rule', spec: 'rules: [{backendRefs: [{name: a, port: 1}]}]', expected: [] },
  {
    what: 'a second rule',
    spec: 'rules: [{backendRefs: [{name: a, port: 1}]}, {backendRefs: [{name: a, port: 1}]}]',
    expected: ['too-many rules'],
  },
  { what: 'no backends', spec: 'rules: [{}]', expected: ['missing-field rules[0].backendRefs'] },
]);
