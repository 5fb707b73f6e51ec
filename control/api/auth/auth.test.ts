import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStore } from '../../store/memory/index.ts';
import { value } from '../../store/testing/contract.ts';
import { Tokens } from './tokens.ts';
import { authorize, type Role, type User, type Verb } from './user.ts';

const user = (role: Role, namespace: string): User => ({ name: 'u', bindings: [{ role, namespace }] });
const web = { group: '', plural: 'services', namespace: 'shop', name: 'web', subresource: '' };
const mesh = { group: 'weft.dev', plural: 'meshes', namespace: '', name: 'default', subresource: '' };
const shop = { group: '', plural: 'namespaces', namespace: '', name: 'shop', subresource: '' };
const every = { ...web, namespace: '', name: '' };

test('roles by namespace', () => {
  const cases: readonly (readonly [User, Verb, typeof web, boolean])[] = [
    [user('admin', '*'), 'delete', mesh, true],
    [user('admin', '*'), 'list', every, true],
    [user('admin', 'shop'), 'delete', web, true],
    [user('admin', 'shop'), 'update', { ...web, subresource: 'status' }, true],
    [user('admin', 'shop'), 'delete', mesh, false],
    [user('admin', 'shop'), 'delete', shop, false],
    [user('admin', 'shop'), 'get', shop, true],
    [user('admin', 'shop'), 'get', { ...shop, name: 'other' }, false],
    [user('admin', 'shop'), 'list', { ...shop, name: '' }, false],
    [user('admin', 'shop'), 'list', every, false],
    [user('admin', 'shop'), 'get', { ...web, namespace: 'other' }, false],
    [user('edit', 'shop'), 'create', web, true],
    [user('edit', 'shop'), 'patch', { ...web, subresource: 'status' }, false],
    [user('edit', '*'), 'update', web, true],
    [user('edit', '*'), 'create', shop, false],
    [user('edit', '*'), 'watch', mesh, true],
    [user('view', 'shop'), 'watch', web, true],
    [user('view', 'shop'), 'update', web, false],
    [user('view', '*'), 'get', mesh, true],
    [user('view', '*'), 'delete', mesh, false],
    [{ name: 'nobody', bindings: [] }, 'get', web, false],
  ];
  for (const [who, verb, object, expected] of cases) {
    assert.equal(authorize(who, verb, object), expected, `${JSON.stringify(who)} ${verb} ${JSON.stringify(object)}`);
  }
});

test('tokens: verified, expiring, revoked; the store has no secret', async (t) => {
  const clock = { time: 1e12, now: () => clock.time };
  const store = memoryStore({ clock });
  value(await store.start());
  t.after(() => store.stop());
  const tokens = new Tokens(store, clock);
  const bindings = [{ role: 'edit', namespace: 'shop' }] as const;
  const { token, id } = value(await tokens.create('root', { user: 'ci', bindings, ttlMs: 60_000 }));
  assert.deepEqual(await tokens.verify(token), { name: 'ci', bindings });
  assert.deepEqual(await tokens.list(), [{ id, user: 'ci', bindings, expires: 1e12 + 60_000 }]);
  const secret = token.split('_').slice(2).join('_');
  assert.ok(!JSON.stringify(value(await store.list({})).items).includes(secret));
  const wrong = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
  for (const bad of ['', 'x', wrong, token.replace(id, '0'.repeat(10)), `${token}x`]) {
    assert.equal(await tokens.verify(bad), undefined, bad);
  }
  clock.time += 60_000;
  assert.equal(await tokens.verify(token), undefined);
  const lasting = value(await tokens.create('root', { user: 'ops', bindings, ttlMs: 0 }));
  clock.time += 1e12;
  assert.equal((await tokens.verify(lasting.token))?.name, 'ops');
  value(await tokens.revoke('root', lasting.id));
  assert.equal(await tokens.verify(lasting.token), undefined);
});
