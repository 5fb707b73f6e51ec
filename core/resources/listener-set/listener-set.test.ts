import { testSpecs } from '../testing/cases.ts';
import { LISTENER_SET } from './index.ts';

const PARENT = 'parentRef: {name: edge}\n';

testSpecs(LISTENER_SET, [
  { what: 'a listener', spec: `${PARENT}listeners: [{name: l, protocol: HTTP, port: 80}]`, expected: [] },
  {
    what: 'no parent',
    spec: 'listeners: [{name: l, protocol: HTTP, port: 80}]',
    expected: ['missing-field parentRef'],
  },
  { what: 'no listener', spec: `${PARENT}listeners: []`, expected: ['too-few listeners'] },
  {
    what: 'what holds for a Gateway’s listeners: names and places',
    spec: `${PARENT}listeners: [{name: l, protocol: HTTP, port: 80}, {name: l, protocol: HTTP, port: 80}]`,
    expected: ['duplicate-entry listeners[1].name', 'duplicate-entry listeners[1]'],
  },
]);
