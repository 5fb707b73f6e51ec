import { testSpecs } from '../testing/cases.ts';
import { WORKLOAD } from './index.ts';

testSpecs(WORKLOAD, [
  { what: 'an address is enough', spec: 'addresses: [{ip: 10.0.0.1}]', expected: [] },
  { what: 'no address', spec: 'addresses: []', expected: ['too-few addresses'] },
  { what: 'the unspecified address', spec: 'addresses: [{ip: "::"}]', expected: ['invalid-value addresses[0].ip'] },
  {
    what: 'the same port twice',
    spec: 'addresses: [{ip: 10.0.0.1}]\nports: [{name: a, port: 1}, {name: b, port: 1}]',
    expected: ['duplicate-entry ports[1].port'],
  },
  {
    what: 'the same proxy port twice',
    spec: 'addresses: [{ip: 10.0.0.1}]\nports: [{name: a, port: 1, proxyPort: 3}, {name: b, port: 2, proxyPort: 3}]',
    expected: ['duplicate-entry ports[1].proxyPort'],
  },
  {
    what: 'an unknown protocol',
    spec: 'addresses: [{ip: 10.0.0.1}]\nports: [{name: a, port: 1, protocol: HTTP}]',
    expected: ['invalid-value ports[0].protocol'],
  },
]);
