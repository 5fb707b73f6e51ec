/** WEFT0304 of workloads, their mesh and what agents told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenPort } from '@weft/core/agent-api';
import { findingNumber } from '@weft/core/kernel';
import { assemble } from '@weft/core/mesh-view';
import type { StoredObject } from '@weft/core/resources';
import { readObjects } from '@weft/core/resources/text';
import { openBesideProxy } from './open-ports.ts';

const PORTS = '{ name: http, port: 8080, protocol: http, proxyPort: 15000 }';
const mesh = (mode: string, ports = PORTS): StoredObject[] => {
  const { objects, diagnostics } = readObjects(
    `
apiVersion: v1
kind: Namespace
metadata: { name: default }
---
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, mtls: { mode: ${mode} } }
---
apiVersion: weft.dev/v1alpha1
kind: Workload
metadata: { name: a-1, labels: { app: a } }
spec: { addresses: [{ ip: 10.0.0.1 }], ports: [${ports}] }`,
    'test',
  );
  assert.deepEqual(diagnostics, []);
  return objects.flatMap(({ object }): StoredObject[] => (object === undefined ? [] : [object]));
};

const said = (objects: StoredObject[], ...open: OpenPort[]): string[] =>
  openBesideProxy(objects, assemble(objects, new Map()), () => open).map(
    ({ code, message, place }) => `${findingNumber(code)} ${place.object}#${place.path} ${message}`,
  );
const ON_ALL: OpenPort = { port: 8080, ip: '0.0.0.0', process: 'node' };

test('one finding a port, with every address and program', () => {
  const six = { ...ON_ALL, ip: '::', process: '' };
  assert.deepEqual(said(mesh('Strict'), ON_ALL, six, { ...ON_ALL, port: 9999 }), [
    'WEFT0304 Workload/default/a-1#spec.ports[0] its service (node) listens on 0.0.0.0:8080 and [::]:8080: whoever reaches that calls it without its proxy',
  ]);
});

test('no finding where nobody is to be kept out, or nothing can be', () => {
  assert.deepEqual(said(mesh('Permissive'), ON_ALL), []);
  assert.deepEqual(said(mesh('Disabled'), ON_ALL), []);
  assert.deepEqual(said(mesh('Strict', '{ name: dns, port: 8080, protocol: udp }'), ON_ALL), []);
  assert.deepEqual(said(mesh('Strict', '{ name: http, port: 8080, protocol: http }'), ON_ALL), [], 'no proxy');
  assert.deepEqual(said(mesh('Strict', PORTS.replace('15000', '8080')), ON_ALL), [], 'the proxy’s own listener');
  assert.deepEqual(said(mesh('Strict')), []);
});
