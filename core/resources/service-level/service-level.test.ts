import { testSpecs } from '../testing/cases.ts';
import { SERVICE_LEVEL } from './index.ts';

const base = 'targetRef: {name: orders}\nobjectives: [{percent: "99.9"}]\n';

testSpecs(SERVICE_LEVEL, [
  { what: 'success', spec: base, expected: [] },
  {
    what: 'success and latency over a month',
    spec: 'targetRef: {name: orders}\nobjectives: [{percent: "99.99"}, {percent: "95", fasterThan: 300ms}]\nwindow: 720h',
    expected: [],
  },
  { what: 'told to nobody', spec: `${base}alerts: []`, expected: [] },
  {
    what: 'its namespace',
    spec: 'targetRef: {kind: Namespace, name: shop}\nobjectives: [{percent: "90"}]',
    expected: [],
  },
  {
    what: 'another namespace',
    spec: 'targetRef: {kind: Namespace, name: other}\nobjectives: [{percent: "90"}]',
    expected: ['invalid-value targetRef.name'],
  },
  {
    what: 'nothing may fail, or all',
    spec: 'targetRef: {name: orders}\nobjectives: [{percent: "100"}, {percent: "0"}, {percent: "99,9"}]',
    expected: [
      'out-of-range objectives[0].percent',
      'out-of-range objectives[1].percent',
      'invalid-value objectives[2].percent',
    ],
  },
  { what: 'too short a window', spec: `${base}window: 1m`, expected: ['out-of-range window'] },
  {
    what: 'alerts whose times do not fit',
    spec: `${base}alerts: [{long: 5m, short: 1h, burnRate: 2}, {long: 1m, short: 30s, burnRate: 2}]`,
    expected: ['invalid-value alerts[0].short', 'out-of-range alerts[1].short'],
  },
]);
