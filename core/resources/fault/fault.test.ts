import { testSpecs } from '../testing/cases.ts';
import { FAULT } from './index.ts';

const target = 'targetRefs: [{name: a}]\n';

testSpecs(FAULT, [
  { what: 'nothing goes wrong', spec: `${target}faults: [{}]`, expected: ['warning no-effect faults[0]'] },
  {
    what: 'of some callers',
    spec: `${target}faults: [{from: [{namespaces: ["*"], labels: {app: web}}], abort: {httpStatus: 500}}]`,
    expected: [],
  },
  {
    what: 'of callers at a Gateway, and of nobody',
    spec: 'targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: a}]\nfaults: [{from: [{accounts: [b]}], abort: {httpStatus: 500}}, {from: [], abort: {httpStatus: 500}}]',
    expected: ['too-few faults[1].from'],
  },
  {
    what: 'of callers at a Gateway',
    spec: 'targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: a}]\nfaults: [{from: [{accounts: [b]}], abort: {httpStatus: 500}}]',
    expected: ['exclusive-fields faults[0].from'],
  },
  { what: 'no entry', spec: `${target}faults: []`, expected: ['too-few faults'] },
  {
    what: 'an abort without status',
    spec: `${target}faults: [{abort: {}}]`,
    expected: ['exclusive-fields faults[0].abort'],
  },
  {
    what: 'an abort with two',
    spec: `${target}faults: [{abort: {httpStatus: 500, grpcStatus: 14}}]`,
    expected: ['exclusive-fields faults[0].abort'],
  },
  {
    what: 'no time to wait',
    spec: `${target}faults: [{delay: {duration: 0s}}]`,
    expected: ['out-of-range faults[0].delay.duration'],
  },
  {
    what: 'two shares',
    spec: `${target}faults: [{delay: {duration: 1s, percent: 1, fraction: {numerator: 1}}}]`,
    expected: ['exclusive-fields faults[0].delay.fraction'],
  },
  {
    what: 'a header by a broken expression',
    spec: `${target}faults: [{headers: [{name: a, value: "(", type: RegularExpression}], abort: {httpStatus: 500}}]`,
    expected: ['invalid-regex faults[0].headers[0].value'],
  },
  {
    what: 'a rule of a route',
    spec: 'targetRefs: [{kind: HTTPRoute, name: a, sectionName: b}]\nfaults: [{abort: {httpStatus: 500}}]',
    expected: [],
  },
  {
    what: 'a group that is not the route’s',
    spec: 'targetRefs: [{group: weft.dev, kind: HTTPRoute, name: a}]\nfaults: [{abort: {httpStatus: 500}}]',
    expected: ['invalid-value targetRefs[0].group'],
  },
]);
