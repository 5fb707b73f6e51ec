import { testSpecs } from '../testing/cases.ts';
import { MESH } from './index.ts';

testSpecs(MESH, [
  { what: 'a trust domain is enough', spec: 'trustDomain: shop.example', expected: [] },
  { what: 'a trust domain in upper case', spec: 'trustDomain: Shop', expected: ['invalid-value trustDomain'] },
  { what: 'a mode in lower case', spec: 'trustDomain: a\nmtls: {mode: strict}', expected: ['invalid-value mtls.mode'] },
  {
    what: 'certificates for a second',
    spec: 'trustDomain: a\ncertificates: {lifetime: 1s}',
    expected: ['out-of-range certificates.lifetime'],
  },
  {
    what: 'defaults are a TrafficPolicy’s sections',
    spec: 'trustDomain: a\ndefaults: {retries: {conditions: [Always]}}',
    expected: ['invalid-value defaults.retries.conditions[0]'],
  },
]);
