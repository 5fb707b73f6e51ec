import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Diagnostic, Result } from '../kernel/index.ts';
import {
  type AttachUp,
  attachUpJson,
  formatJoinToken,
  parseJoinToken,
  readAttachDown,
  readAttachUp,
  readIssueRequest,
  readJoinRequest,
  readObserveUp,
} from './index.ts';

const registration = '0123456789abcdef0123456789abcdef';
const hello: AttachUp = {
  type: 'hello',
  registration,
  namespace: 'shop',
  workload: {
    name: 'orders',
    labels: new Map([
      ['app', 'orders'],
      ['version', 'v1'],
    ]),
    addresses: [{ ip: '10.0.0.1', network: '' }],
    ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 41234 }],
    locality: { region: '', zone: '', subZone: '' },
    metrics: { ip: '0.0.0.0', port: 15_020 },
  },
  service: { name: 'orders' },
  instance: 'orders-abcde',
  bundle: '',
  certificateEnds: 1_800_000_000_000,
  readiness: new Map([['http', false]]),
};

const paths = (result: Result<unknown, readonly Diagnostic[]>): string[] =>
  result.ok ? [] : result.error.map((fault) => `${fault.place.path} ${fault.code}`);

test('hello survives JSON', () => {
  const read = readAttachUp(JSON.parse(JSON.stringify(attachUpJson(hello))));
  assert.deepEqual(read, { ok: true, value: hello });
  const { certificateEnds, ...first } = hello;
  assert.deepEqual(readAttachUp(JSON.parse(JSON.stringify(attachUpJson(first)))), {
    ok: true,
    value: { ...first, certificateEnds: undefined },
  });
  assert.deepEqual(paths(readAttachUp({ ...attachUpJson(hello), certificateEnds: -(certificateEnds ?? 0) })), [
    'certificateEnds out-of-range',
  ]);
});

test('all faults of a message are told at once, with their paths', () => {
  const read = readAttachUp({
    type: 'hello',
    registration: 'x',
    namespace: 'Shop',
    workload: {
      name: 'orders',
      labels: { 'a b': 'c', ok: 7 },
      addresses: [{ ip: '10.0.0.256', network: '' }],
      ports: [
        { name: 'http', port: 0, protocol: 'spdy' },
        { name: 'http', port: 80, protocol: 'http' },
      ],
      locality: { region: '', zone: '' },
      key: 'secret',
    },
    instance: 'payments-abcde',
    bundle: '',
    readiness: { metrics: true },
  });
  assert.deepEqual(paths(read).sort(), [
    'instance malformed',
    'namespace malformed',
    'readiness unknown-value',
    'registration malformed',
    'workload.addresses[0].ip malformed',
    'workload.key unknown-field',
    'workload.labels[a b] malformed',
    'workload.labels[ok] wrong-type',
    'workload.locality.subZone missing-field',
    'workload.ports duplicate',
    'workload.ports[0].port out-of-range',
    'workload.ports[0].protocol unknown-value',
  ]);
});

test('open ports: bounded, with addresses that others reach and printable programs', () => {
  const open: AttachUp = { type: 'openPorts', ports: [{ port: 8080, ip: '0.0.0.0', process: 'node' }] };
  assert.deepEqual(readAttachUp(JSON.parse(JSON.stringify(attachUpJson(open)))), { ok: true, value: open });
  const ports = (...list: object[]): string[] => paths(readAttachUp({ type: 'openPorts', ports: list }));
  const good = { port: 1, ip: '::', process: '' };
  assert.deepEqual(
    [
      ports({ ...good, ip: '127.0.0.1' }),
      ports({ ...good, ip: 'localhost' }),
      ports({ ...good, port: 0 }),
      ports({ ...good, process: '\u001b[31m' }),
      ports({ ...good, process: 'x'.repeat(65) }),
      ports(...new Array<object>(65).fill(good)),
    ],
    [
      ['ports[0].ip out-of-range'],
      ['ports[0].ip malformed'],
      ['ports[0].port out-of-range'],
      ['ports[0].process malformed'],
      ['ports[0].process out-of-range'],
      ['ports out-of-range'],
    ],
  );
});

test('a prototype key is an unknown field, not a value', () => {
  const read = readAttachUp(JSON.parse('{"type":"deregister","__proto__":{"type":"hello"},"constructor":1}'));
  assert.deepEqual(paths(read), ['__proto__ unknown-field', 'constructor unknown-field']);
});

test('any JSON is answered, never thrown at', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const read of [readAttachUp, readAttachDown, readJoinRequest, readIssueRequest]) {
        const result = read(value);
        if (!result.ok) assert.ok(result.error.length > 0 && result.error.length <= 100);
      }
    }),
    { numRuns: 300 },
  );
});

test('limits: too many labels, too long a CSR', () => {
  const labels = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`l${i}`, '']));
  const base = attachUpJson(hello) as { workload: object };
  assert.deepEqual(paths(readAttachUp({ ...base, workload: { ...base.workload, labels } })), [
    'workload.labels out-of-range',
  ]);
  const issue = readIssueRequest({ registration, csr: 'A'.repeat(8192), proof: 'AAAA' });
  assert.equal(issue.ok, false);
});

test('exemplars of counts: few, and trace ids to the letter', () => {
  const exemplar = { trace: 'a'.repeat(32), duration: 1500, at: 1_700_000_000_000 };
  const message = (exemplars: unknown): object => ({
    type: 'counts',
    sequence: 1,
    edges: [],
    rows: [
      {
        id: 0,
        responses: [],
        retries: 0,
        requestBytes: 0,
        responseBytes: 0,
        durationSum: 0,
        durations: [],
        opened: 0,
        closed: 0,
        exemplars,
      },
    ],
  });
  const read = readObserveUp(message([exemplar]));
  assert.ok(read.ok && read.value.type === 'counts');
  assert.deepEqual(read.value.rows[0]?.exemplars, [{ traceId: 'a'.repeat(32), value: 1.5, at: 1_700_000_000_000 }]);
  assert.deepEqual(paths(readObserveUp(message(Array(5).fill(exemplar)))), ['rows[0].exemplars out-of-range']);
  const odd = [
    { ...exemplar, trace: 'x"} 1' },
    { ...exemplar, trace: 'A'.repeat(32) },
    { ...exemplar, duration: -1, span: 'b' },
  ];
  assert.deepEqual(paths(readObserveUp(message(odd))).sort(), [
    'rows[0].exemplars[0].trace malformed',
    'rows[0].exemplars[1].trace malformed',
    'rows[0].exemplars[2].duration out-of-range',
    'rows[0].exemplars[2].span unknown-field',
  ]);
});

test('join token: round trip, and a cut or changed one is refused', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 65535 }), fc.stringMatching(/^[A-Za-z0-9_-]{1,43}$/), (port, secret) => {
      const token = {
        controlPlane: `mesh.example:${port}`,
        rootSha256: 'a'.repeat(64),
        proof: { id: 'abc_-', secret },
      };
      assert.deepEqual(parseJoinToken(formatJoinToken(token)), { ok: true, value: token });
    }),
    { numRuns: 100 },
  );
  const text = formatJoinToken({
    controlPlane: '[::1]:8443',
    rootSha256: 'b'.repeat(64),
    proof: { id: 'i', secret: 's' },
  });
  for (const bad of ['', text.slice(6), text.slice(0, -5), `${text}=`, text.replace('.', '!')])
    assert.equal(parseJoinToken(bad).ok, false, bad);
});
