import { testSpecs } from '../testing/cases.ts';
import { INVARIANT } from './index.ts';

const target = 'targetRefs: [{name: a}]\n';

testSpecs(INVARIANT, [
  { what: 'encrypted', spec: `${target}encrypted: true`, expected: [] },
  { what: 'nothing', spec: target, expected: ['warning no-effect '] },
  { what: 'nobody at all', spec: `${target}never: [{}]`, expected: [] },
  { what: 'regions', spec: `${target}never: [{regions: [a], requests: [{method: POST, path: /x}]}]`, expected: [] },
  {
    what: 'addresses are no identities',
    spec: `${target}never: [{from: [{ipBlocks: [10.0.0.0/8]}]}]`,
    expected: ['unsupported-value never[0].from[0].ipBlocks'],
  },
  {
    what: 'a path without its slash',
    spec: `${target}never: [{requests: [{path: x}]}]`,
    expected: ['invalid-value never[0].requests[0].path'],
  },
]);
