import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { test } from 'node:test';
import { ApiClient } from '@weft/control/api/client';
import type { PlanDocument } from '@weft/core/documents';
import { temporaryFolder } from '@weft/testkit/folder';
import { systemMonotonicClock } from '../clocks.ts';
import { ControlPlane } from './control-plane.ts';

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

interface Reply {
  readonly code: number;
  readonly cookie: string;
  readonly policy: string;
  readonly text: string;
}

test('the control plane serves the dashboard: files to everybody, what the mesh holds to who signed in, and only to read', async (t) => {
  using folder = temporaryFolder();
  const plane = new ControlPlane({ folder: folder.path, listen: { host: '127.0.0.1', port: 0 }, log: QUIET });
  await plane.start();
  t.after(() => plane.stop());
  const ca = readFileSync(path.join(folder.path, 'authority', 'root.pem'));
  const ask = (method: string, target: string, headers: Record<string, string> = {}, body = ''): Promise<Reply> =>
    new Promise((resolve, reject) => {
      https
        .request(
          { host: '127.0.0.1', port: plane.port, path: target, method, headers, ca, agent: false },
          (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
            response.on('end', () =>
              resolve({
                code: response.statusCode ?? 0,
                cookie: response.headers['set-cookie']?.[0] ?? '',
                policy: String(response.headers['content-security-policy'] ?? ''),
                text,
              }),
            );
          },
        )
        .on('error', reject)
        .end(body);
    });
  const page = await ask('GET', '/dashboard/');
  assert.equal(page.code, 200, page.text);
  assert.match(page.policy, /default-src 'none'/);
  for (const [, file = ''] of page.text.matchAll(/(?:src|href)="(\/dashboard\/[^"]+)"/g))
    assert.equal((await ask('GET', file)).code, 200, file);
  const main = await ask('GET', '/dashboard/main.ts');
  assert.doesNotMatch(main.text, /interface Place|from ['"]preact/);
  assert.equal((await ask('GET', '/dashboard/../store.db')).code, 400);
  assert.equal((await ask('GET', '/dashboard/%2e%2e/package.json')).code, 400);
  assert.equal((await ask('POST', '/dashboard/')).code, 405);
  assert.equal((await ask('GET', '/weft/v1/changes')).code, 401);

  const local = new ApiClient({ socketPath: path.join(folder.path, 'control.sock') }, systemMonotonicClock);
  t.after(() => local.close());
  const made = await local.call('POST', '/weft/v1/apitokens', {
    user: 'viewer',
    bindings: [{ role: 'view', namespace: '*' }],
    ttlMs: 0,
  });
  assert.ok(made.ok, JSON.stringify(made));
  const token = String(made.value['token']);
  const json = { 'content-type': 'application/json' };
  const signIn = (headers: Record<string, string> = {}): Promise<Reply> =>
    ask('POST', '/weft/v1/session', { ...json, ...headers }, JSON.stringify({ token }));
  assert.equal((await ask('POST', '/weft/v1/session', json, '{"token":"weft_x_y"}')).code, 401);
  assert.equal((await ask('POST', '/weft/v1/session', json, 'null')).code, 401);
  assert.equal((await signIn({ 'sec-fetch-site': 'cross-site' })).code, 400);
  const entered = await signIn();
  assert.equal(entered.code, 200);
  assert.match(entered.cookie, /^__Host-weft-session=.*; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  const cookie = entered.cookie.split(';')[0] ?? '';
  const changes = await ask('GET', '/weft/v1/changes', { cookie });
  assert.equal(changes.code, 200);
  assert.match(changes.text, /"kind":"Mesh"/);
  assert.equal((await ask('GET', '/weft/v1/callers?to=default/none', { cookie })).code, 200);
  assert.equal((await ask('GET', '/weft/v1/explain?from=a&to=default/none', { cookie })).code, 400);
  assert.equal((await ask('GET', '/weft/v1/explain?from=a&to=a/b/c', { cookie })).code, 400);
  assert.equal((await ask('GET', '/weft/v1/changes', { cookie, 'sec-fetch-site': 'cross-site' })).code, 401);
  assert.equal((await ask('POST', '/weft/v1/tokens', { cookie, ...json }, '{}')).code, 401);
  const query = { cookie, 'content-type': 'application/x-www-form-urlencoded' };
  assert.equal((await ask('POST', '/weft/v1/prometheus/api/v1/query', query, 'query=1')).code, 200);
  const yaml = { 'content-type': 'application/yaml' };
  const wanted = 'apiVersion: v1\nkind: Namespace\nmetadata: { name: planned }\n';
  const planned = await ask('POST', '/weft/v1/plan', { cookie, ...yaml }, wanted);
  assert.equal(planned.code, 200, planned.text);
  assert.deepEqual((JSON.parse(planned.text) as PlanDocument).objects, [
    { object: 'Namespace/planned', change: 'created' },
  ]);
  assert.equal((await ask('GET', '/api/v1/namespaces/planned', { cookie })).code, 404);
  assert.equal((await ask('POST', '/weft/v1/plan', yaml, wanted)).code, 401);
  for (const [text, why] of [
    ['', /no object/],
    ['kind: [', /pasted:1/],
    ['apiVersion: v1\nkind: Namespace\nmetadata: { name: "A B" }\n', /pasted:3/],
  ] as const) {
    const refused = await ask('POST', '/weft/v1/plan', { cookie, ...yaml }, text);
    assert.equal(refused.code, 400);
    assert.match(refused.text, why);
  }
  assert.match((await ask('DELETE', '/weft/v1/session')).cookie, /Max-Age=0/);
});
