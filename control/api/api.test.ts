import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runApi, service } from './testing/running-api.ts';

const SERVICES = '/api/v1/namespaces/default/services';
const ROUTES = '/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes';

const route = (name: string, spec: object = {}) => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { name },
  spec: {
    parentRefs: [{ kind: 'Service', group: '', name: 'web' }],
    rules: [{ backendRefs: [{ name: 'web', port: 80 }] }],
    ...spec,
  },
});

test('create, get, update, delete; what the server fills in', async (t) => {
  const { call } = await runApi(t);
  const created = await call('POST', SERVICES, service('web'));
  assert.equal(created.code, 201);
  const { metadata, spec, status } = created.body;
  assert.match(metadata.uid, /^[0-9a-f-]{36}$/);
  assert.deepEqual([metadata.name, metadata.namespace, metadata.generation], ['web', 'default', 1]);
  assert.match(metadata.creationTimestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.match(spec.clusterIP, /^240\.240\./);
  assert.deepEqual(status, { loadBalancer: {} });
  assert.deepEqual((await call('GET', `${SERVICES}/web`)).body, created.body);

  const named = await call('POST', SERVICES, { ...service(''), metadata: { generateName: 'w-' } });
  assert.match(named.body.metadata.name, /^w-[a-z0-9]{5}$/);

  const again = await call('POST', SERVICES, service('web'));
  assert.deepEqual([again.code, again.body.reason], [409, 'AlreadyExists']);
  assert.equal(again.body.message, 'services "web" already exists');

  const changed = { ...created.body, spec: { ...spec, selector: { app: 'web' } } };
  const updated = await call('PUT', `${SERVICES}/web`, changed);
  assert.deepEqual([updated.code, updated.body.metadata.generation], [200, 2]);
  assert.equal(updated.body.metadata.uid, metadata.uid);
  const stale = await call('PUT', `${SERVICES}/web`, changed);
  assert.deepEqual([stale.code, stale.body.reason], [409, 'Conflict']);
  const unconditional = await call('PUT', `${SERVICES}/web`, service('web'));
  assert.equal(unconditional.code, 200);
  assert.equal(unconditional.body.spec.clusterIP, spec.clusterIP, 'the address is kept');
  assert.equal((await call('PUT', `${SERVICES}/absent`, service('absent'))).code, 404);

  const wrongUid = await call('DELETE', `${SERVICES}/web`, { preconditions: { uid: 'x' } });
  assert.equal(wrongUid.code, 409);
  assert.equal((await call('DELETE', `${SERVICES}/web?dryRun=All`)).code, 200);
  const deleted = await call('DELETE', `${SERVICES}/web`, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: 'Background',
  });
  assert.equal(deleted.body.status, 'Success');
  assert.deepEqual(deleted.body.details, { name: 'web', kind: 'services', uid: metadata.uid });
  const gone = await call('GET', `${SERVICES}/web`);
  assert.deepEqual([gone.code, gone.body.reason, gone.body.message], [404, 'NotFound', 'services "web" not found']);
  assert.equal((await call('DELETE', `${SERVICES}/web`)).code, 404);
});

test('what is wrong is said at once, as causes with their fields; nothing is stored', async (t) => {
  const { call, store } = await runApi(t);
  const before = store.revision();
  const bad = route('web', { rules: [{ backendRef: [], backendRefs: [{ name: 'web', port: '80' }] }] });
  const refused = await call('POST', ROUTES, bad);
  assert.equal(refused.code, 422);
  assert.equal(refused.body.reason, 'Invalid');
  assert.deepEqual(
    refused.body.details.causes.map(({ field }: { field: string }) => field),
    ['spec.rules[0].backendRef', 'spec.rules[0].backendRefs[0].port'],
  );
  assert.match(refused.body.details.causes[0].message, /did you mean `backendRefs`/);
  const cases: readonly (readonly [string, string, unknown, number])[] = [
    ['POST', ROUTES, service('web'), 400],
    ['POST', ROUTES, '{"a":', 400],
    ['POST', ROUTES, '[]', 400],
    ['POST', `${ROUTES}?dryRun=some`, route('web'), 400],
    ['POST', `${ROUTES}?fieldValidation=maybe`, route('web'), 400],
    ['POST', SERVICES, { ...service('web'), metadata: { name: 'web', namespace: 'other' } }, 400],
    ['POST', '/api/v1/namespaces/nowhere/services', service('web'), 404],
    ['POST', '/api/v1/services', service('web'), 405],
    ['POST', SERVICES, service('web', { clusterIP: '8.8.8.8' }), 422],
    ['POST', SERVICES, { ...service('web'), metadata: {} }, 422],
    ['POST', `${SERVICES}/web`, service('web'), 405],
    ['GET', '/api/v1/namespaces/default/pods', undefined, 404],
    ['GET', '/apis/apps/v1', undefined, 404],
    ['GET', '/apis/weft.dev/v1alpha1/namespaces/default/meshes', undefined, 404],
    ['GET', `${SERVICES}?labelSelector=a~b`, undefined, 400],
    ['GET', '/api/v1/namespaces/default/services/%zz', undefined, 400],
    ['GET', '/api/v1/namespaces/default/services/..%2fx', undefined, 400],
  ];
  for (const [method, path, body, code] of cases) {
    const answer = await call(method, path, body);
    assert.equal(answer.code, code, `${method} ${path}: ${JSON.stringify(answer.body)}`);
    assert.equal(answer.body.kind, 'Status');
  }
  assert.equal(store.revision(), before);
});

test('fieldValidation: strict unless asked otherwise; warnings are headers', async (t) => {
  const { call } = await runApi(t);
  const odd = { ...service('web', { portz: 1 }), color: 'red' };
  assert.equal((await call('POST', SERVICES, odd)).code, 422);
  const warned = await call('POST', `${SERVICES}?fieldValidation=Warn`, odd);
  assert.equal(warned.code, 201);
  assert.match(
    warned.headers.get('warning') ?? '',
    /299 - "color: unknown field .*299 - "spec\.portz: unknown field .*`ports`/,
  );
  assert.equal('portz' in warned.body.spec, false);
  const ignored = await call('PUT', `${SERVICES}/web?fieldValidation=Ignore`, odd);
  assert.deepEqual([ignored.code, ignored.headers.get('warning')], [200, null]);
});

test('patch: merge and strategic merge; others 415 with what to send; concurrent patches all count', async (t) => {
  const { call } = await runApi(t);
  await call('POST', SERVICES, service('web'));
  const patch = (path: string, body: unknown, type: string) => call('PATCH', path, body, { 'content-type': type });
  const merge = 'application/merge-patch+json';
  const labelled = await patch(`${SERVICES}/web`, { metadata: { labels: { a: 'b' } } }, merge);
  assert.deepEqual(labelled.body.metadata.labels, { a: 'b' });
  const rehearsed = await patch(`${SERVICES}/web?dryRun=All`, { spec: { selector: { x: 'y' } } }, merge);
  assert.equal(rehearsed.body.metadata.generation, 2);
  assert.equal((await call('GET', `${SERVICES}/web`)).body.metadata.generation, 1);
  const strategic = {
    spec: {
      ports: [
        { port: 80, name: 'http' },
        { port: 90, name: 'admin' },
      ],
    },
  };
  const merged = await patch(`${SERVICES}/web`, strategic, 'application/strategic-merge-patch+json');
  assert.equal(merged.body.spec.ports.length, 2);
  await Promise.all(
    Array.from({ length: 8 }, (_, n) => patch(`${SERVICES}/web`, { metadata: { labels: { [`l${n}`]: 'x' } } }, merge)),
  );
  assert.equal(Object.keys((await call('GET', `${SERVICES}/web`)).body.metadata.labels).length, 9);
  for (const type of ['application/apply-patch+yaml', 'application/json-patch+json', 'text/plain']) {
    const refused = await patch(`${SERVICES}/web`, '{}', type);
    assert.deepEqual([refused.code, refused.body.reason], [415, 'UnsupportedMediaType']);
    assert.match(refused.body.message, /send application\/merge-patch\+json/);
  }
  assert.equal(
    (await patch('/apis/weft.dev/v1alpha1/meshes/default', {}, 'application/strategic-merge-patch+json')).code,
    415,
  );
  assert.equal((await call('POST', SERVICES, 'kind: Service', { 'content-type': 'application/yaml' })).code, 415);
});

test('status is its own resource: neither write touches the other half', async (t) => {
  const { call } = await runApi(t);
  const created = (await call('POST', ROUTES, { ...route('web'), status: { parents: ['made up'] } })).body;
  assert.equal(created.status, undefined);
  const status = { parents: [] };
  const written = await call('PUT', `${ROUTES}/web/status`, { ...created, spec: { rules: [] }, status });
  assert.deepEqual(written.body.status, status);
  assert.deepEqual(written.body.spec, created.spec);
  assert.equal(written.body.metadata.generation, 1);
  const merge = { 'content-type': 'application/merge-patch+json' };
  const patched = await call(
    'PATCH',
    `${ROUTES}/web/status`,
    { status: { parents: null, x: 1 }, spec: { a: 1 } },
    merge,
  );
  assert.deepEqual([patched.body.status, patched.body.spec], [{ x: 1 }, created.spec]);
  const updated = await call('PUT', `${ROUTES}/web`, { ...patched.body, status: {} });
  assert.deepEqual(updated.body.status, { x: 1 });
});

test('lists: chunks of one state, tables, selectors, metadata only', async (t) => {
  const { call } = await runApi(t);
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    await call('POST', SERVICES, {
      ...service(name),
      metadata: { name, labels: { odd: String('ace'.includes(name)) } },
    });
  }
  const first = (await call('GET', `${SERVICES}?limit=2`)).body;
  assert.deepEqual([first.kind, first.apiVersion, first.metadata.remainingItemCount], ['ServiceList', 'v1', 3]);
  await call('DELETE', `${SERVICES}/d`);
  await call('POST', SERVICES, service('bb'));
  const names: string[] = first.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  for (let from = first.metadata.continue; from !== undefined; ) {
    const next = (await call('GET', `${SERVICES}?limit=2&continue=${from}`)).body;
    assert.equal(next.metadata.resourceVersion, first.metadata.resourceVersion);
    names.push(...next.items.map((item: { metadata: { name: string } }) => item.metadata.name));
    from = next.metadata.continue;
  }
  assert.deepEqual(names, ['a', 'b', 'c', 'd', 'e']);
  const odd = (await call('GET', '/api/v1/services?labelSelector=odd%3Dtrue&limit=1')).body;
  assert.deepEqual([odd.items[0].metadata.name, odd.metadata.remainingItemCount], ['a', undefined]);

  const table = (await call('GET', SERVICES, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }))
    .body;
  assert.equal(table.kind, 'Table');
  assert.deepEqual(
    table.columnDefinitions.map(({ name }: { name: string }) => name),
    ['Name', 'Type', 'Cluster-IP', 'Port(s)', 'Selector', 'Age'],
  );
  assert.equal(table.rows[0].cells.length, 6);
  assert.equal(table.rows[0].object.kind, 'PartialObjectMetadata');
  const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
  const partial = (await call('GET', SERVICES, undefined, { accept })).body;
  assert.deepEqual([partial.kind, partial.items[0].spec], ['PartialObjectMetadataList', undefined]);
  assert.equal((await call('GET', SERVICES, undefined, { accept: 'application/cbor' })).code, 406);
  const old = await call('GET', `${SERVICES}?resourceVersion=999999&resourceVersionMatch=Exact`);
  assert.deepEqual([old.code, old.body.reason], [410, 'Expired']);
});

test('virtual addresses: two services never share one, a freed one can be claimed, it may not change', async (t) => {
  const { call } = await runApi(t);
  const [a, b] = [(await call('POST', SERVICES, service('a'))).body, (await call('POST', SERVICES, service('b'))).body];
  assert.notEqual(a.spec.clusterIP, b.spec.clusterIP);
  const taken = await call('POST', SERVICES, service('c', { clusterIP: a.spec.clusterIP }));
  assert.equal(taken.code, 422);
  assert.equal(taken.body.details.causes[0].field, 'spec.clusterIP');
  const moved = await call('PUT', `${SERVICES}/b`, service('b', { clusterIP: '240.240.1.1' }));
  assert.equal(moved.code, 422);
  await call('DELETE', `${SERVICES}/a`);
  const claimed = await call('POST', SERVICES, service('c', { clusterIP: a.spec.clusterIP }));
  assert.equal(claimed.code, 201);
  const anew = (await call('POST', SERVICES, service('a'))).body;
  assert.notEqual(anew.spec.clusterIP, a.spec.clusterIP);
  const headless = (await call('POST', SERVICES, service('d', { clusterIP: 'None' }))).body;
  assert.equal(headless.spec.clusterIP, 'None');
});

test('what holds others is not deleted', async (t) => {
  const { call } = await runApi(t);
  await call('POST', SERVICES, service('a'));
  const namespace = await call('DELETE', '/api/v1/namespaces/default');
  assert.deepEqual([namespace.code, namespace.body.reason], [409, 'Conflict']);
  assert.match(namespace.body.message, /it still holds 1 Service: delete these first/);
  const mesh = await call('DELETE', '/apis/weft.dev/v1alpha1/meshes/default');
  assert.match(mesh.body.message, /it still has the namespaces default: delete or move these first/);
  await call('DELETE', `${SERVICES}/a`);
  const made = Promise.all(['x', 'y', 'z'].map((name) => call('POST', SERVICES, service(name))));
  const [removal, created] = await Promise.all([call('DELETE', '/api/v1/namespaces/default'), made]);
  const left = (await call('GET', '/api/v1/services')).body.items.length;
  assert.equal(removal.code === 200 ? 0 : created.filter(({ code }) => code === 201).length, left);
});

test('history and rollback, also of a deleted object', async (t) => {
  const { call } = await runApi(t);
  const path = `${SERVICES}/web`;
  const first = (await call('POST', SERVICES, service('web', { selector: { app: 'one' } }))).body;
  await call('PUT', path, service('web', { selector: { app: 'two' } }));
  const third = await call('PUT', path, {
    ...service('web', { selector: { app: 'three' } }),
    metadata: { name: 'web', labels: { l: 'x' } },
  });
  assert.equal(third.code, 200);
  const history = (await call('GET', `${path}/history`)).body;
  assert.equal(history.kind, 'ObjectHistory');
  assert.deepEqual(
    history.items.map(({ author, operation, after }: { author: string; operation: string; after: typeof first }) => [
      author,
      operation,
      after.spec.selector.app,
    ]),
    [
      ['root', 'create', 'one'],
      ['root', 'update', 'two'],
      ['root', 'update', 'three'],
    ],
  );
  const rolled = await call('POST', `${path}/rollback`, { revision: history.items[1].revision });
  assert.deepEqual(
    [rolled.code, rolled.body.spec.selector, rolled.body.metadata.labels],
    [200, { app: 'two' }, undefined],
  );
  await call('DELETE', path);
  assert.equal((await call('GET', `${path}/history`)).body.items.at(-1).operation, 'delete');
  const anew = await call('POST', `${path}/rollback`, { revision: history.items[0].revision });
  assert.deepEqual([anew.code, anew.body.spec], [201, first.spec]);
  assert.notEqual(anew.body.metadata.uid, first.metadata.uid);
  const never = await call('POST', `${path}/rollback`, { revision: 1 });
  assert.equal(never.code, 400);
  assert.match(never.body.message, /no state of revision 1: revisions in the log are \d+/);
  assert.equal((await call('POST', `${path}/rollback`, { revision: 'x' })).code, 400);
  assert.equal((await call('GET', `${SERVICES}/absent/history`)).code, 404);
});

test('the text an object comes from is kept until spec changes by other hands', async (t) => {
  const { call } = await runApi(t);
  const envelope = { 'content-type': 'application/weft-origin+json' };
  const origin = { file: 'shop.yaml', firstLine: 12, text: 'kind: Service # ...' };
  const created = await call('POST', SERVICES, { origin, object: service('web') }, envelope);
  assert.equal(created.code, 201);
  assert.equal('origin' in created.body, false);
  const read = async () => (await call('GET', `${SERVICES}/web/origin`)).body;
  assert.deepEqual(await read(), { kind: 'ObjectOrigin', apiVersion: 'weft.dev/v1alpha1', ...origin });
  const merge = { 'content-type': 'application/merge-patch+json' };
  await call('PATCH', `${SERVICES}/web`, { metadata: { labels: { a: 'b' } } }, merge);
  assert.equal((await read()).firstLine, 12);
  await call('PATCH', `${SERVICES}/web`, { spec: { selector: { a: 'b' } } }, merge);
  assert.equal((await read()).code, 404);
  for (const bad of [{}, { file: 'x', firstLine: 0, text: '' }, { file: 1, firstLine: 1, text: '' }]) {
    assert.equal((await call('POST', SERVICES, { origin: bad, object: service('b') }, envelope)).code, 400);
  }
});

test('lines of rules are those of the last change of spec', async (t) => {
  const { call, store } = await runApi(t);
  const [group, namespace, name] = ['weft.dev', 'default', 'p'];
  const url = `/apis/weft.dev/v1alpha1/namespaces/${namespace}/accesspolicies`;
  const envelope = { 'content-type': 'application/weft-origin+json' };
  const rule = { to: [{ paths: ['/a'] }] };
  const object = (...rules: readonly object[]) => ({
    apiVersion: 'weft.dev/v1alpha1',
    kind: 'AccessPolicy',
    metadata: { name, namespace },
    spec: { targetRefs: [{ kind: 'Service', name: 'web' }], rules },
  });
  const origin = (firstLine: number) => ({
    file: 'p.yaml',
    firstLine,
    text: 'kind: AccessPolicy\nspec:\n  rules:\n    - to: []\n    - to: []\n',
  });
  const lines = async () => (await store.get({ group, kind: 'AccessPolicy', namespace, name }))?.ruleLines;
  const created = await call('POST', url, { origin: origin(1), object: object(rule, {}) }, envelope);
  assert.equal(created.code, 201);
  assert.equal('ruleLines' in created.body, false);
  assert.deepEqual(await lines(), { file: 'p.yaml', lines: [4, 5] });
  const put = (at: number, ...rules: readonly object[]) =>
    call('PUT', `${url}/${name}`, { origin: origin(at), object: object(...rules) }, envelope);
  assert.equal((await put(7, rule, {})).code, 200);
  assert.deepEqual(await lines(), { file: 'p.yaml', lines: [4, 5] });
  assert.equal((await put(7, rule)).code, 200);
  assert.deepEqual(await lines(), { file: 'p.yaml', lines: [10] });
  const merge = { 'content-type': 'application/merge-patch+json' };
  assert.equal((await call('PATCH', `${url}/${name}`, { spec: { rules: [{}] } }, merge)).code, 200);
  assert.equal(await lines(), undefined);
});

test('discovery, version, health, OpenAPI', async (t) => {
  const { call, url } = await runApi(t);
  assert.deepEqual((await call('GET', '/api')).body.versions, ['v1']);
  const core = (await call('GET', '/api/v1')).body;
  const names = core.resources.map(({ name }: { name: string }) => name);
  const kinds = ['namespaces', 'services', 'secrets', 'configmaps'];
  assert.deepEqual(names, [...kinds.flatMap((kind) => [kind, `${kind}/status`]), 'events']);
  const groups = (await call('GET', '/apis')).body.groups;
  for (const group of groups) {
    for (const { groupVersion } of group.versions) {
      assert.ok((await call('GET', `/apis/${groupVersion}`)).body.resources.length > 0);
    }
  }
  const paths = (await call('GET', '/openapi/v3')).body.paths;
  for (const { serverRelativeURL } of Object.values<{ serverRelativeURL: string }>(paths)) {
    assert.equal((await call('GET', serverRelativeURL)).body.openapi, '3.0.0');
  }
  assert.equal(
    (
      await call('GET', '/openapi/v2', undefined, {
        accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
      })
    ).body.length,
    5,
  );
  assert.equal((await call('GET', '/version')).body.major, '1');
  assert.deepEqual((await call('GET', '/api/v1/namespaces/default/events?fieldSelector=x')).body.items, []);
  for (const path of ['/healthz', '/livez', '/readyz']) assert.equal((await fetch(`${url}${path}`)).status, 200);
  assert.equal((await fetch(`${url}/version`)).status, 401);
});
