/**
 * What `weft explain` says agrees with what the engines do: each request of the mesh cases, which both engines answer as expected, is
 * asked of the compiled configuration alone. And each remedy that it offers for a refusal ends the refusal.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { explain, type Explanation, isAnswer, type Question, remedyOf, World } from '@weft/compile/answers';
import type { StoredObject } from '@weft/core/resources';
import { readObjects } from '@weft/core/resources/text';
import {
  GUARDED,
  guardedBackend,
  type MeshCase,
  type MeshRequest,
  NAMESPACE,
  objectsOf,
  readMeshCases,
  sharedObjects,
  toYaml,
} from '@weft/testkit/mesh-cases';

/** A workload as `weft run` registers it. */
const workload = (
  key: string,
  account: string,
  labels: Readonly<Record<string, string>>,
  ports: Readonly<Record<string, string>>,
): unknown => {
  const [namespace, name = ''] = key.split('/');
  return {
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'Workload',
    metadata: { name, namespace, labels },
    spec: {
      account,
      addresses: [{ ip: '127.0.0.1' }],
      ports: Object.entries(ports).map(([port, protocol], index) => ({
        name: port,
        port: 8000 + index,
        protocol,
        proxyPort: 9000 + index,
      })),
    },
  };
};

const NAMESPACES = ['elsewhere', 'narrow', 'lenient'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name },
}));
const MESH = {
  apiVersion: 'weft.dev/v1alpha1',
  kind: 'Mesh',
  metadata: { name: 'default' },
  spec: { trustDomain: 'weft.local', access: { namespaces: { lenient: { default: 'Deny' } } } },
};
/** Workloads whose ports have modes and bounds of their own, and the echo server behind each. */
const APART: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  balanced: {
    strict: 'strict',
    moving: 'good',
    moved: 'b',
    bare: 'told',
    bounded: 'a',
    overridden: 'c',
    exposed: 'elsewhere',
  },
  detected: { auto: 'a', autoh2: 'h2', autorules: 'b', autosoft: 'c' },
  lenient: { open: 'a', own: 'b', shut: 'c' },
};
const httpAt = (ports: object): Record<string, string> =>
  Object.fromEntries(Object.keys(ports).map((port) => [port, port.startsWith('auto') ? 'auto' : 'http']));
const guarded = Object.fromEntries([
  ...GUARDED.map((port) => [port, 'http']),
  ['calls', 'grpc'],
  ['lines', 'tcp'],
]) as Record<string, string>;
const RUNNING = [
  ...NAMESPACES,
  MESH,
  ...['weft', 'envoy'].flatMap((engine) =>
    Object.entries(APART).map(([name, ports]) => {
      const account = `${name}-${engine}`;
      const namespace = name === 'lenient' ? name : 'default';
      return workload(`${namespace}/${account}`, account, { app: account }, httpAt(ports));
    }),
  ),
  workload(
    'default/echo',
    'echo',
    { app: 'echo', pair: 'yes' },
    { a: 'http', b: 'http', c: 'http', h2: 'http2', pair: 'http', line: 'tcp' },
  ),
  workload('default/guarded-weft', 'guarded-weft', { app: 'guarded-weft', pair: 'yes' }, { ...guarded, pair: 'http' }),
  workload('default/guarded-envoy', 'guarded-envoy', { app: 'guarded-envoy' }, guarded),
  workload('default/caller', 'caller', { app: 'caller' }, {}),
  workload('elsewhere/stranger', 'stranger', { app: 'stranger' }, {}),
  workload('narrow/narrow', 'narrow', { app: 'narrow', sees: 'little' }, {}),
];

const CASES = path.join(import.meta.dirname, '../../../e2e/mesh-cases');
const cases = globSync('*.yaml', { cwd: CASES })
  .sort()
  .flatMap((file) => readMeshCases(path.join(CASES, file)));

const read = readObjects(
  toYaml([...RUNNING, ...sharedObjects(), ...cases.flatMap((one) => [...objectsOf(one), ...(one.newer ?? [])])])
    .replaceAll('$PORT', '8000')
    .replaceAll('$LINES', '8000')
    .replaceAll('$AUTHORIZER', '9000')
    .replaceAll('$TUNNEL', '8000')
    .replaceAll(/\$EXPOSED-(?:weft|envoy)/g, '8001'),
  'mesh-cases',
);
/** Later objects are younger, as in the mesh that runs. */
const objects = read.objects.flatMap(({ object }, index): StoredObject[] => {
  if (object === undefined) return [];
  const time = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString().replace('.000', '');
  return [{ ...object, metadata: { ...object.metadata, uid: String(index), generation: 1, creationTimestamp: time } }];
});
const world = new World(objects);

const CALLERS = {
  caller: 'default/caller',
  stranger: 'elsewhere/stranger',
  narrow: 'narrow/narrow',
} as const;

const question = (one: MeshCase, request: MeshRequest): Question => ({
  from: { kind: 'workload', key: CALLERS[request.from ?? 'caller'] },
  to: `${NAMESPACE}/${one.service}`,
  port: 80,
  request: {
    method: request.send?.method ?? 'GET',
    path: request.send?.path ?? '/',
    headers: Object.entries(request.send?.headers ?? {}).map(([name, value]) => ({ name: name.toLowerCase(), value })),
    ...claimsOf(request),
  },
});

/** Kinds whose objects let chance, other requests, services, hosts outside or messages of the engine decide. */
const CHANCE: ReadonlySet<string> = new Set(['Fault', 'RateLimit', 'ExternalService', 'Extension', 'EnginePatch']);

/** Filters of rules that let a service decide. */
const ASKS = /"type":"(?:ExternalAuth|ExtensionRef)"/;

const isStated = (one: MeshCase): boolean =>
  one.objects?.some((object) => CHANCE.has((object as StoredObject).kind)) !== true &&
  !ASKS.test(JSON.stringify(one.rules ?? []));

/** Of the bearer token; whether it is genuine is not looked at. */
function claimsOf({ send }: MeshRequest): Pick<Question['request'], 'claims'> {
  const token = /^Bearer [^.]*\.([^.]*)\./.exec(send?.headers?.['authorization'] ?? '')?.[1];
  if (token === undefined) return {};
  return {
    claims: JSON.parse(Buffer.from(token, 'base64url').toString()) as NonNullable<Question['request']['claims']>,
  };
}

/** Explain does not look at signatures. */
const isForged = ({ send, expect }: MeshRequest): boolean =>
  expect.status === 401 && send?.headers?.['authorization'] !== undefined;

/** One request with an outcome that configuration alone decides: no tunnels, floods or failing backends. */
const isDecided = (one: MeshCase, request: MeshRequest): boolean => {
  const { arrives, connect, proxied, concurrent, warmUp, raw, converse, expect } = request;
  return (
    [arrives, connect, proxied, concurrent, warmUp, raw, converse, expect.sticky].every((part) => part === undefined) &&
    one.backend?.selector?.['pair'] === undefined &&
    !isForged(request) &&
    isStated(one) &&
    (expect.refused !== undefined ||
      expect.echo !== undefined ||
      expect.distribution !== undefined ||
      isOwn(expect.status))
  );
};

/** Answers that no echo server gives in these cases. */
const isOwn = (status: number | undefined): boolean =>
  status !== undefined &&
  (status === 401 || status === 403 || status === 404 || status === 500 || (status >= 301 && status < 400));

/** The echo server behind a backend, by the name of the workload's port. */
function echoBehind(port: string): string {
  const key = port.slice(0, port.lastIndexOf('/'));
  const service = objects.find(
    ({ kind, metadata }) => kind === 'Service' && `${metadata.namespace}/${metadata.name}` === key,
  );
  const spec = service?.spec as
    | {
        readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
        readonly selector?: Readonly<Record<string, string>>;
      }
    | undefined;
  const apart = APART[spec?.selector?.['app']?.replace(/-(?:weft|envoy)$/, '') ?? ''];
  const target = (spec?.ports ?? []).find((one) => port === `${key}/${one.port}`)?.targetPort ?? '';
  return apart?.[target] ?? guardedBackend(target) ?? (target === 'calls' ? 'guarded-h2' : target);
}

const isRefusal = ({ verdict: { kind } }: Explanation): boolean => kind === 'denied' || kind === 'not-visible';

/** The service itself, or the first of its stand-ins that anybody is behind, by what arrives; undefined: nobody. */
function answering({ arrivals }: Explanation, port: string): string | undefined {
  const standIns = world.view('default').failover.get(port)?.to ?? [];
  return [port, ...standIns].find((key) => arrivals.some((one) => one.port === key && one.workloads.length > 0));
}

function disagreements(answer: Explanation, { expect }: MeshRequest): string[] {
  const { verdict, routing, arrivals } = answer;
  const said: string[] = [];
  const check = (holds: boolean, text: string): void =>
    void (holds || said.push(`${text}, explained as ${verdict.kind} ${verdict.status}: ${verdict.reason}`));
  if (expect.refused === true) check(isRefusal(answer), 'refused');
  else if (expect.echo !== undefined)
    check(verdict.kind === 'allowed' || verdict.kind === 'mixed', 'answered by a backend');
  else if (isOwn(expect.status)) check(verdict.status === expect.status, `answered with ${expect.status}`);
  if (expect.echo?.backend !== undefined) {
    const behind = arrivals.map(({ port }) => echoBehind(port));
    check(behind.includes(expect.echo.backend), `answered by ${expect.echo.backend}, not ${behind.join()}`);
  }
  const path = expect.echo?.path?.split('?', 1)[0];
  if (path !== undefined)
    check(routing?.backends.some((backend) => backend.path === path) === true, `forwarded as ${path}`);
  for (const [name, share] of Object.entries(expect.distribution ?? {})) {
    const found = (routing?.backends ?? [])
      .filter(({ port }) => {
        const behind = port === undefined ? undefined : answering(answer, port);
        return behind === undefined ? name.startsWith('status:') : echoBehind(behind) === name;
      })
      .reduce((sum, backend) => sum + backend.share, 0);
    check(Math.abs(found - share) < 0.005, `${name} has ${share}, not ${found}`);
  }
  return said;
}

describe('explained', () => {
  test('the cases’ objects are whole', () => {
    assert.deepEqual(
      read.diagnostics.filter(({ severity }) => severity === 'error'),
      [],
    );
  });

  let asked = 0;
  for (const one of cases)
    for (const [index, request] of (one.requests ?? []).entries()) {
      if (!isDecided(one, request)) continue;
      asked += 1;
      test(`${one.name} (${one.service} ${index + 1})`, () => {
        const answer = explain(world, question(one, request));
        assert.ok(isAnswer(answer), JSON.stringify(answer));
        assert.deepEqual(disagreements(answer, request), []);
      });
    }

  test('most requests that configuration alone decides are asked', () => {
    const all = cases.filter(isStated).reduce((sum, one) => sum + (one.requests?.length ?? 0), 0);
    assert.ok(asked > all / 2, `${asked} of ${all}`);
  });

  test('each remedy that is offered for a refusal ends it', () => {
    let offered = 0;
    for (const one of cases)
      for (const request of one.requests ?? []) {
        if (request.expect.refused !== true || request.arrives !== undefined) continue;
        const wanted = question(one, request);
        const answer = explain(world, wanted);
        if (!isAnswer(answer) || !isRefusal(answer)) continue;
        const remedy = remedyOf(world, wanted, answer);
        assert.ok(remedy, `${one.name}: nothing is offered`);
        const after = explain(world.with([remedy.object]), wanted);
        assert.ok(isAnswer(after));
        assert.equal(after.verdict.kind, 'allowed', `${one.name}: ${remedy.change}`);
        offered += 1;
      }
    assert.ok(offered > 5);
  });
});
