import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSpecs } from '../testing/cases.ts';
import { protocolOfPort, SERVICE } from './index.ts';

testSpecs(SERVICE, [
  { what: 'one port without name', spec: 'ports: [{port: 80}]', expected: [] },
  { what: 'no ports', spec: 'selector: {app: a}', expected: ['missing-field ports'] },
  {
    what: 'several ports need names',
    spec: 'ports: [{port: 80}, {name: b, port: 81}]',
    expected: ['missing-field ports[0].name'],
  },
  {
    what: 'names of ports are unique',
    spec: 'ports: [{name: b, port: 80}, {name: b, port: 81}]',
    expected: ['duplicate-entry ports[1].name'],
  },
  {
    what: 'numbers of ports are unique',
    spec: 'ports: [{name: a, port: 80}, {name: b, port: 80, protocol: TCP}]',
    expected: ['duplicate-entry ports[1]'],
  },
  { what: 'UDP', spec: 'ports: [{port: 53, protocol: UDP}]', expected: [] },
  { what: 'SCTP', spec: 'ports: [{port: 53, protocol: SCTP}]', expected: ['unsupported-value ports[0].protocol'] },
  {
    what: 'one number over two transports',
    spec: 'ports: [{name: a, port: 53, protocol: UDP}, {name: b, port: 53}]',
    expected: ['unsupported-value ports[1].port'],
  },
  { what: 'a target port by name', spec: 'ports: [{port: 80, targetPort: http-web}]', expected: [] },
  {
    what: 'a target port that is neither',
    spec: 'ports: [{port: 80, targetPort: "8080"}]',
    expected: ['invalid-value ports[0].targetPort'],
  },
  {
    what: 'a known field without a meaning here',
    spec: 'ports: [{port: 80}]\nexternalName: a',
    expected: ['unsupported-field externalName'],
  },
  { what: 'a load balancer', spec: 'ports: [{port: 80}]\ntype: LoadBalancer', expected: ['unsupported-value type'] },
  { what: 'a field of null counts as absent', spec: 'ports: [{port: 80, name: null}]\nselector: null', expected: [] },
  {
    what: 'labels that are no text',
    spec: 'ports: [{port: 80}]\nselector: {app: 1}',
    expected: ['wrong-type selector.app'],
  },
]);

test('the protocol of a port: appProtocol, else the name, else opaque', () => {
  assert.equal(protocolOfPort({ name: 'grpc-admin' }), 'grpc');
  assert.equal(protocolOfPort({ name: 'http', appProtocol: 'tcp' }), 'tcp');
  assert.equal(protocolOfPort({ appProtocol: 'kubernetes.io/h2c' }), 'http2');
  assert.equal(protocolOfPort({ appProtocol: 'kubernetes.io/ws' }), 'http');
  assert.equal(protocolOfPort({ name: 'redis' }), 'tcp');
  assert.equal(protocolOfPort({ name: 'constructor' }), 'tcp');
  assert.equal(protocolOfPort({}), 'tcp');
});
