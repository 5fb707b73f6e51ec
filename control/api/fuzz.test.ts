import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runApi } from './testing/running-api.ts';

/** One of the words in `text`; `''` is the empty one. */
const oneOfWords = (text: string) =>
  fc.constantFrom(
    ...text
      .trim()
      .split(/\s+/)
      .map((word) => (word === "''" ? '' : word)),
  );

const word = oneOfWords(`
  api apis v1 v1alpha1 weft.dev gateway.networking.k8s.io namespaces default services httproutes
  meshes workloads web status history rollback origin openapi v3 weft '' .. %2e%2e __proto__
  constructor a%00b ä
`);
const query = oneOfWords(`
  '' limit=1 limit=0&continue=W10 watch=0 dryRun=All fieldValidation=Warn labelSelector=a,!b
  resourceVersion=0 resourceVersion=5&resourceVersionMatch=Exact fieldSelector=metadata.name=web
  watch
`);
const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS');
const type = oneOfWords(`
  application/json application/merge-patch+json application/strategic-merge-patch+json
  application/weft-origin+json application/vnd.kubernetes.protobuf application/apply-patch+yaml
`);
const key = oneOfWords(`
  apiVersion kind metadata spec status name namespace labels annotations ports port rules selector
  clusterIP $patch $retainKeys $setElementOrder/ports origin object revision generateName
  resourceVersion preconditions constructor toString x
`);
const leaf = fc.oneof(
  fc.constantFrom<unknown>('v1', 'Service', 'web', 'default', 'replace', 'delete', '', 80, 0, -1, 1e300, null, true),
  fc.string({ maxLength: 4 }),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(key, tie('json'), { maxKeys: 4 }),
  ),
}));
const body = fc.oneof(
  json,
  fc.record({
    apiVersion: fc.constant('v1'),
    kind: fc.constant('Service'),
    metadata: fc.oneof(json, fc.constant({ name: 'web' })),
    spec: json,
    status: json,
  }),
  fc.dictionary(fc.constantFrom('metadata', 'spec', 'status'), json),
);

test('whatever is sent, the answer is never a 500 and the store holds only what can be read again', async (t) => {
  const { url, token, call, defects } = await runApi(t);
  const services = '/api/v1/namespaces/default/services';
  await call('POST', services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { ports: [{ port: 80 }] },
  });
  const anywhere = fc.array(word, { maxLength: 8 }).map((words) => `/${words.join('/')}`);
  const place = fc.oneof(
    anywhere,
    fc.constantFrom(services, `${services}/web`, `${services}/web/status`, `${services}/web/rollback`),
  );
  await fc.assert(
    fc.asyncProperty(method, place, query, type, body, async (verb, where, search, media, sent) => {
      const response = await fetch(`${url}${where}?${search}`, {
        method: verb,
        headers: { authorization: `Bearer ${token}`, 'content-type': media },
        ...(verb === 'GET' || verb === 'HEAD' ? {} : { body: JSON.stringify(sent) }),
      });
      const text = await response.text();
      assert.notEqual(response.status, 500, text);
      assert.deepEqual(defects, []);
    }),
    { numRuns: 600 },
  );
  for (const path of ['/api/v1/services', '/api/v1/namespaces']) {
    const table = await call('GET', path, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
    assert.equal(table.code, 200);
  }
});
