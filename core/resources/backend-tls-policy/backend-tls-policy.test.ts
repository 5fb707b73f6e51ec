import { testSpecs } from '../testing/cases.ts';
import { BACKEND_TLS_POLICY } from './index.ts';

const TARGET = 'targetRefs: [{group: "", kind: Service, name: a}]\n';
const SYSTEM = 'validation: {hostname: a.example, wellKnownCACertificates: System}';
const CA = 'caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}]';
const names = (list: string): string =>
  `${TARGET}validation: {hostname: a.example, wellKnownCACertificates: System, subjectAltNames: [${list}]}`;

testSpecs(BACKEND_TLS_POLICY, [
  { what: 'authorities of the host', spec: TARGET + SYSTEM, expected: [] },
  { what: 'authorities by reference', spec: `${TARGET}validation: {hostname: a.example, ${CA}}`, expected: [] },
  {
    what: 'both',
    spec: `${TARGET}validation: {hostname: a.example, wellKnownCACertificates: System, ${CA}}`,
    expected: ['exclusive-fields validation.wellKnownCACertificates'],
  },
  { what: 'neither', spec: `${TARGET}validation: {hostname: a.example}`, expected: ['missing-field validation'] },
  {
    what: 'neither, empty',
    spec: `${TARGET}validation: {hostname: a.example, caCertificateRefs: []}`,
    expected: ['missing-field validation'],
  },
  {
    what: 'a set of another kind is a matter of conditions, one without a domain is none',
    spec: `${TARGET}validation: {hostname: a.example, wellKnownCACertificates: Mine}`,
    expected: ['invalid-value validation.wellKnownCACertificates'],
  },
  {
    what: 'a wildcard as host name',
    spec: `${TARGET}validation: {hostname: "*.example", wellKnownCACertificates: System}`,
    expected: ['invalid-value validation.hostname'],
  },
  { what: 'names', spec: names('{type: Hostname, hostname: "*.a"}, {type: URI, uri: "spiffe://a/b"}'), expected: [] },
  {
    what: 'names without their field, with the other one',
    spec: names('{type: Hostname}, {type: URI}, {type: URI, uri: "a://b", hostname: c}'),
    expected: [
      'missing-field validation.subjectAltNames[0].hostname',
      'missing-field validation.subjectAltNames[1].uri',
      'exclusive-fields validation.subjectAltNames[2].hostname',
    ],
  },
  {
    what: 'a URI without a scheme',
    spec: names('{type: URI, uri: a/b}'),
    expected: ['invalid-value validation.subjectAltNames[0].uri'],
  },
  {
    what: 'a target whole and by port',
    spec: `targetRefs: [{group: "", kind: Service, name: a}, {group: "", kind: Service, name: a, sectionName: b}]\n${SYSTEM}`,
    expected: ['missing-field targetRefs[0]'],
  },
  {
    what: 'a target twice, one of a wrong group, none',
    spec: `targetRefs: [{group: "", kind: Service, name: a, sectionName: b}, {group: "", kind: Service, name: a, sectionName: b}, {group: a.b, kind: Service, name: c}]\n${SYSTEM}`,
    expected: ['duplicate-entry targetRefs[1]', 'invalid-value targetRefs[2].group'],
  },
]);
