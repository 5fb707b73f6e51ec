/** What every store must do. An implementation's test calls `storeContract` with a way to make one; nothing else differs between them. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import type { ObjectKey, StoredObject } from '@weft/core/resources';
import { keyOf, keyText } from '../key.ts';
import type { LogEntry, Store } from '../port.ts';

export interface Harness {
  /** A started store, empty, on a wall clock that the test sets. The maker stops it after the test. */
  make(t: TestContext, clock: { now(): number }): Promise<Store>;
}

export const sample = (name: string, spec: unknown, extra: Partial<StoredObject> = {}): StoredObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name,
    namespace: 'default',
    uid: '',
    resourceVersion: '',
    generation: 0,
    creationTimestamp: '',
    labels: {},
    annotations: {},
  },
  spec,
  ...extra,
});

export const sampleKey = (name: string): ObjectKey => keyOf(sample(name, {}));

export const put = (name: string, spec: unknown, expected?: number) => ({
  key: sampleKey(name),
  object: sample(name, spec),
  expected,
});

export const remove = (name: string, expected?: number) => ({ key: sampleKey(name), object: undefined, expected });

/** Resolves when `enough` holds for what has been collected; fails after 2 s. */
export async function collected<T>(items: readonly T[], enough: (items: readonly T[]) => boolean): Promise<void> {
  for (const end = Date.now() + 2000; !enough(items); ) {
    assert.ok(Date.now() < end, `waited 2 s, got ${JSON.stringify(items)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export function value<T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T {
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

export function storeContract(name: string, harness: Harness): void {
  const clock = { time: 1_700_000_000_123, now: () => clock.time };
  const make = (t: TestContext) => harness.make(t, clock);

  test(`${name}: create fills in uid, revision, generation, creation time; the copy is unchangeable`, async (t) => {
    const store = await make(t);
    assert.equal(store.revision(), 0);
    const given = sample('a', { ports: [1] });
    const [created] = value(await store.write('u', [{ key: keyOf(given), object: given, expected: 0 }]));
    assert.ok(created);
    assert.match(created.metadata.uid, /^[0-9a-f-]{36}$/);
    assert.equal(created.metadata.resourceVersion, '1');
    assert.equal(created.metadata.generation, 1);
    assert.equal(created.metadata.creationTimestamp, '2023-11-14T22:13:20Z');
    assert.deepEqual(await store.get(sampleKey('a')), created);
    (given.spec as { ports: number[] }).ports.push(2);
    assert.throws(() => (created.spec as { ports: number[] }).ports.push(2));
    assert.deepEqual((await store.get(sampleKey('a')))?.spec, { ports: [1] });
  });

  test(`${name}: an object under another key or no JSON is a defect of that caller alone`, async (t) => {
    const store = await make(t);
    const good = store.write('u', [put('a', 1)]);
    await assert.rejects(store.write('u', [{ key: sampleKey('b'), object: sample('c', {}) }]), RangeError);
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    await assert.rejects(store.write('u', [put('d', circular)]), TypeError);
    assert.equal((await good).ok, true);
    assert.equal(store.revision(), 1);
  });

  test(`${name}: spec bumps generation, status and labels do not, nothing changed writes nothing`, async (t) => {
    const store = await make(t);
    const [first] = value(await store.write('u', [put('a', { x: 1, y: { z: 2 } })]));
    assert.ok(first);
    const [same] = value(await store.write('u', [put('a', { y: { z: 2 }, x: 1 })]));
    assert.deepEqual(same, first);
    assert.equal(store.revision(), 1);
    const labelled = { ...first, metadata: { ...first.metadata, labels: { a: 'b' } }, status: { ready: true } };
    const [second] = value(await store.write('u', [{ key: sampleKey('a'), object: labelled }]));
    assert.equal(second?.metadata.generation, 1);
    assert.equal(second?.metadata.resourceVersion, '2');
    const [third] = value(await store.write('u', [{ key: sampleKey('a'), object: { ...labelled, spec: { x: 2 } } }]));
    assert.equal(third?.metadata.generation, 2);
    assert.equal(third?.metadata.uid, first.metadata.uid);
  });

  test(`${name}: compare and swap`, async (t) => {
    const store = await make(t);
    value(await store.write('u', [put('a', 1, 0)]));
    const cases = [
      [put('a', 2, 0), 'conflict'],
      [put('a', 2, 7), 'conflict'],
      [put('b', 2, 7), 'conflict'],
      [remove('a', 7), 'conflict'],
      [remove('b'), 'not-found'],
    ] as const;
    for (const [change, code] of cases) {
      const result = await store.write('u', [change]);
      assert.equal(result.ok ? 'written' : result.error.code, code, JSON.stringify(change));
    }
    assert.equal(store.revision(), 1);
    value(await store.write('u', [put('a', 2, 1)]));
    assert.deepEqual(value(await store.write('u', [remove('a', 2)])), [undefined]);
    assert.equal(await store.get(sampleKey('a')), undefined);
    const [again] = value(await store.write('u', [put('a', 2, 0)]));
    assert.equal(again?.metadata.generation, 1);
    assert.equal(again?.metadata.resourceVersion, '4');
  });

  test(`${name}: a write is all or nothing, its changes see each other`, async (t) => {
    const store = await make(t);
    const failed = await store.write('u', [put('a', 1, 0), put('b', 1, 5)]);
    assert.equal(failed.ok, false);
    assert.equal(store.revision(), 0);
    assert.deepEqual(value(await store.list({})).items, []);
    value(await store.write('u', [put('a', 1, 0), remove('a'), put('a', 2, 0)]));
    assert.equal(store.revision(), 3);
    assert.deepEqual((await store.get(sampleKey('a')))?.spec, 2);
  });

  test(`${name}: writes of one turn: a race for one name has one winner`, async (t) => {
    const store = await make(t);
    const results = await Promise.all([1, 2, 3].map((n) => store.write(`u${n}`, [put('a', n, 0)])));
    assert.deepEqual(
      results.map((result) => result.ok),
      [true, false, false],
    );
    assert.deepEqual((await store.get(sampleKey('a')))?.spec, 1);
  });

  test(`${name}: lists in order, by group, kind, namespace, name, and at an older revision`, async (t) => {
    const store = await make(t);
    const other: StoredObject = sample('z', {}, { apiVersion: 'weft.dev/v1alpha1', kind: 'Mesh' });
    const mesh = { ...other, metadata: { ...other.metadata, namespace: '' } };
    value(await store.write('u', [put('b', 1), { key: keyOf(mesh), object: mesh }, put('a', 1)]));
    const names = async (selection: object, at?: number) =>
      value(await store.list(selection, at)).items.map((item) => `${item.kind}/${item.metadata.name}=${item.spec}`);
    value(await store.write('u', [put('a', 2), remove('b')]));
    assert.deepEqual(await names({ kind: 'Service' }), ['Service/a=2']);
    assert.deepEqual(await names({}, 3), ['Service/a=1', 'Service/b=1', 'Mesh/z=[object Object]']);
    assert.deepEqual(await names({}, 1), ['Service/b=1']);
    assert.deepEqual(await names({}, 0), []);
    assert.deepEqual(await names({ namespace: '' }), ['Mesh/z=[object Object]']);
    assert.deepEqual(await names({ group: 'weft.dev' }), ['Mesh/z=[object Object]']);
    assert.deepEqual(await names({ name: 'a', namespace: 'elsewhere' }), []);
    const future = await store.list({}, 99);
    assert.equal(future.ok ? '' : future.error.code, 'compacted');
  });

  test(`${name}: a watch gets every entry above its revision once, in order, one batch a transaction`, async (t) => {
    const store = await make(t);
    value(await store.write('u', [put('a', 1), put('b', 1)]));
    clock.time += 1;
    value(await store.write('v', [put('a', 2)]));
    const batches: (readonly LogEntry[])[] = [];
    const watch = value(store.watch(1, (entries) => batches.push(entries)));
    const seen = () => batches.flat();
    await Promise.all([store.write('u', [put('c', 1)]), store.write('u', [remove('a'), put('d', 1)])]);
    await collected(batches, () => seen().length >= 5);
    assert.deepEqual(
      seen().map(({ revision, author, key, before, after }) => [revision, author, key.name, before?.spec, after?.spec]),
      [
        [2, 'u', 'b', undefined, 1],
        [3, 'v', 'a', 1, 2],
        [4, 'u', 'c', undefined, 1],
        [5, 'u', 'a', 2, undefined],
        [6, 'u', 'd', undefined, 1],
      ],
    );
    watch.close();
    watch.close();
    value(await store.write('u', [put('e', 1)]));
    assert.equal(seen().length, 5);
    const ahead = store.watch(100, () => assert.fail('called'));
    assert.equal(ahead.ok ? '' : ahead.error.code, 'compacted');
  });

  test(`${name}: what a watcher sees is committed and visible`, async (t) => {
    const store = await make(t);
    const seen: unknown[] = [];
    value(
      store.watch(0, (entries) => {
        void store.get(sampleKey('a')).then((object) => seen.push([object?.spec, entries.at(-1)?.revision]));
      }),
    );
    value(await store.write('u', [put('a', 1)]));
    await collected(seen, () => seen.length === 1);
    assert.deepEqual(seen, [[1, 1]]);
  });

  test(`${name}: history, compaction by age and by count, compacted answers`, async (t) => {
    const store = await make(t);
    for (let n = 1; n <= 5; n += 1) {
      clock.time += 1000;
      value(await store.write(`u${n}`, [put(n === 3 ? 'b' : 'a', n)]));
    }
    const revisions = async () => (await store.history(sampleKey('a'))).map(({ revision }) => revision);
    assert.deepEqual(await revisions(), [1, 2, 4, 5]);
    await store.compact(2500, 100);
    assert.deepEqual(await revisions(), [4, 5]);
    await store.compact(1e9, 1);
    assert.deepEqual(await revisions(), [5]);
    assert.deepEqual((await store.history(sampleKey('a')))[0]?.before?.spec, 4);
    assert.equal(value(await store.list({}, 4)).items.length, 2);
    for (const result of [await store.list({}, 3), store.watch(3, () => undefined)]) {
      assert.equal(result.ok ? '' : result.error.code, 'compacted');
    }
    value(store.watch(4, () => undefined)).close();
    assert.equal(value(await store.list({})).items.length, 2);
    await store.compact(0, 0);
    value(await store.write('u', [put('c', 1)]));
    assert.equal(store.revision(), 6);
  });

  test(`${name}: leases`, async (t) => {
    const store = await make(t);
    assert.equal(await store.lease('sign', 'one', 1000), true);
    assert.equal(await store.lease('sign', 'two', 1000), false);
    assert.equal(await store.lease('compact', 'two', 1000), true);
    clock.time += 999;
    assert.equal(await store.lease('sign', 'one', 1000), true);
    clock.time += 999;
    assert.equal(await store.lease('sign', 'two', 1000), false);
    assert.equal(await store.lease('sign', 'one', 0), true);
    assert.equal(await store.lease('sign', 'two', 1000), true);
  });

  test(`${name}: after stop nothing is written`, async (t) => {
    const store = await make(t);
    const pending = store.write('u', [put('a', 1)]);
    await store.stop();
    assert.equal((await pending).ok, true);
    const late = await store.write('u', [put('b', 1)]);
    assert.equal(late.ok ? '' : late.error.code, 'unavailable');
  });

  const step = fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    spec: fc.option(fc.nat(3), { nil: undefined }),
    stale: fc.boolean(),
  });

  test(`${name}: property: replaying the log gives the state, at every revision`, async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { maxLength: 12 }), async (writes) => {
        const store = await make(t);
        const states: string[] = [text(new Map())];
        const model = new Map<string, StoredObject>();
        const log: LogEntry[] = [];
        value(store.watch(0, (entries) => log.push(...entries)));
        for (const changes of writes) {
          await store.write(
            'u',
            changes.map(({ name: object, spec, stale }) => ({
              key: sampleKey(object),
              object: spec === undefined ? undefined : sample(object, spec),
              expected: stale ? 0 : undefined,
            })),
          );
        }
        for (const { key, before, after } of log) {
          assert.deepEqual(before, model.get(keyText(key)));
          if (after === undefined) model.delete(keyText(key));
          else model.set(keyText(key), after);
          states.push(text(model));
        }
        assert.equal(log.length, store.revision());
        for (const [revision, expected] of states.entries()) {
          const { items } = value(await store.list({}, revision));
          assert.equal(text(new Map(items.map((item) => [keyText(keyOf(item)), item]))), expected);
        }
        await store.stop();
      }),
      { numRuns: 40 },
    );
  });
}

const text = (objects: ReadonlyMap<string, StoredObject>): string =>
  JSON.stringify([...objects].sort(([a], [b]) => (a < b ? -1 : 1)));
