import { testSpecs } from '../testing/cases.ts';
import { ENGINE_PATCH } from './index.ts';

const OF = 'targetRefs: [{name: shop}]';

testSpecs(ENGINE_PATCH, [
  {
    what: 'a merge, a removal, additions',
    spec: `${OF}\nworkloadSelector: {app: web}\nengine: Envoy\npatches:\n- {part: Cluster, operation: Merge, match: {cluster: a*, direction: Outbound}, value: {}}\n- {part: Route, operation: Remove, match: {route: r, virtualHost: v}}\n- {part: HttpFilter, operation: AddFirst, match: {listener: l}, value: {name: x}}\n- {part: Listener, operation: AddLast, value: {name: x}}\n- {part: NetworkFilter, operation: AddBefore, match: {networkFilter: hcm}, value: {name: x}}`,
    expected: [],
  },
  {
    what: 'names of what does not hold the part',
    spec: `${OF}\npatches: [{part: Cluster, operation: Remove, match: {listener: l}}]`,
    expected: ['no-effect patches[0].match.listener'],
  },
  {
    what: 'values that are missing and too many',
    spec: `${OF}\npatches: [{part: Cluster, operation: Merge}, {part: Cluster, operation: Remove, value: {}}]`,
    expected: ['missing-field patches[0].value', 'exclusive-fields patches[1].value'],
  },
  {
    what: 'places that are none',
    spec: `${OF}\npatches: [{part: Listener, operation: AddFirst, value: {}}, {part: Route, operation: AddAfter, value: {}}, {part: Route, operation: AddLast, match: {route: r}, value: {}}]`,
    expected: [
      'invalid-value patches[0].operation',
      'missing-field patches[1].match.route',
      'exclusive-fields patches[2].match',
    ],
  },
  {
    what: 'a selector beside a Gateway',
    spec: 'targetRefs: [{kind: Gateway, name: edge}]\nworkloadSelector: {a: b}\npatches: [{part: Cluster, operation: Remove}]',
    expected: ['exclusive-fields workloadSelector'],
  },
]);
