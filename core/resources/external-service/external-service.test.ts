import { testSpecs } from '../testing/cases.ts';
import { EXTERNAL_SERVICE } from './index.ts';

const HOST = 'host: api.partner.example\n';

testSpecs(EXTERNAL_SERVICE, [
  { what: 'a host by DNS', spec: `${HOST}ports: [{port: 443}]`, expected: [] },
  { what: 'a wildcard', spec: 'host: "*.partner.example"\nports: [{port: 443}]', expected: [] },
  { what: 'a wildcard within', spec: 'host: "a.*.example"\nports: [{port: 443}]', expected: ['invalid-value host'] },
  { what: 'nothing named', spec: 'ports: [{port: 443}]', expected: ['missing-field host'] },
  {
    what: 'several ports need names of their own',
    spec: `${HOST}ports: [{port: 80}, {port: 81, name: a}, {port: 82, name: a}]`,
    expected: ['missing-field ports[0].name', 'duplicate-entry ports[2].name'],
  },
  {
    what: 'an endpoint by address and name, another by neither',
    spec: `${HOST}ports: [{port: 80}]\nendpoints: [{ip: 192.0.2.1, hostname: a.example}, {port: 1}]`,
    expected: ['exclusive-fields endpoints[0]', 'exclusive-fields endpoints[1]'],
  },
  {
    what: 'by a Gateway, which cannot know of a connection where it goes',
    spec: 'host: "*.partner.example"\nports: [{port: 80, name: http}, {port: 443, name: tls}]\negressGateway: {name: way-out}',
    expected: ['exclusive-fields ports[1].appProtocol'],
  },
  {
    what: 'connections by a Gateway, to where it is written',
    spec: 'hosts: [a.partner.example, b.partner.example]\nports: [{port: 443}]\nendpoints: [{ip: 192.0.2.1}]\negressGateway: {name: way-out, namespace: egress, sectionName: mesh}',
    expected: [],
  },
  { what: 'TLS of the proxy', spec: `${HOST}ports: [{port: 443}]\ntls: {}`, expected: ['unsupported-field tls'] },
]);
