import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { ApiClient } from '@weft/control/api/client';
import { formatDiagnostic, type MonotonicClock } from '@weft/core/kernel';
import { kindOfWord } from '@weft/core/resources';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { systemMonotonicClock } from '../clocks.ts';
import { ControlPlane } from '../control-plane/control-plane.ts';
import { FileApplier } from './watch-files.ts';

const QUIET_LOG = { info: () => {}, warn: () => {}, error: () => {} };

const service = (name: string, port = 80): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ port: ${port} }] }\n`;

/** A control plane, and what keeps it at what `paths` of its folder say. */
async function world(t: TestContext, folder: string, paths: readonly string[]) {
  const data = path.join(folder, 'data');
  const plane = new ControlPlane({ folder: data, listen: { host: '127.0.0.1', port: 0 }, log: QUIET_LOG });
  await plane.start();
  t.after(() => plane.stop());
  const client = new ApiClient({ socketPath: path.join(data, 'control.sock') }, systemMonotonicClock);
  t.after(() => client.close());
  const quiet = new Set<() => void>();
  /** What is to settle does at once; what waits for quiet waits until the test says so. */
  const clock: MonotonicClock = {
    now: () => 0,
    after(delay, callback) {
      if (delay >= 1000) {
        quiet.add(callback);
        return { cancel: () => void quiet.delete(callback) };
      }
      const timer = setTimeout(callback, 1);
      return { cancel: () => clearTimeout(timer) };
    },
  };
  const told: string[] = [];
  const files = (): FileApplier =>
    new FileApplier({
      client,
      paths,
      clock,
      onApplied: (texts) => told.push(...texts),
      onWaiting: (_, names) => told.push(`waits: ${names.toSorted().join()}`),
      onDiagnostics: (_, diagnostics) => told.push(...diagnostics.map(formatDiagnostic)),
    });

  const kind = kindOfWord('service');
  assert.ok(kind !== undefined);
  const names = async (): Promise<string> => {
    const listed = await client.list({ kind });
    assert.ok(listed.ok);
    return listed.value.items
      .map(({ metadata }) => String((metadata as { name: string }).name))
      .sort()
      .join('');
  };
  const says = (what: RegExp, whenQuiet = false): Promise<unknown> =>
    until(
      () => {
        for (const callback of whenQuiet ? quiet : []) {
          quiet.delete(callback);
          callback();
        }
        return told.some((text) => what.test(text));
      },
      { what: `${what} in ${told.join('\n')}` },
    );
  const after = (change: () => void): void => {
    told.length = 0;
    change();
  };

  return { files, told, names, says, after };
}

test('watched files: who writes slowly, or empties a file, deletes nothing; what leaves for good goes', async (t) => {
  using folder = temporaryFolder();
  const objects = path.join(folder.path, 'objects');
  mkdirSync(objects);
  const [first, second] = [path.join(objects, 'first.yaml'), path.join(objects, 'second.yaml')];
  const whole = [service('a'), service('b'), service('c')].join('---\n');
  writeFileSync(first, whole);
  writeFileSync(second, service('d'));
  const { files, told, names, says, after } = await world(t, folder.path, [objects]);
  let running = files();
  t.after(() => running.stop());

  assert.equal(await running.start(), true);
  assert.equal(await names(), 'abcd');

  // Truncated, then written again piece by piece, with breaks that are long enough to be read.
  after(() => writeFileSync(first, ''));
  await says(/first\.yaml: .*blank: the 3 objects that it held stay/);
  after(() => appendFileSync(first, service('a', 81)));
  await says(/^waits: service\/b,service\/c$/);
  assert.equal(await names(), 'abcd');
  after(() => appendFileSync(first, `---\n${service('b')}`));
  await says(/^waits: service\/c$/);
  after(() => appendFileSync(first, `---\n${service('c')}`));
  await says(/^service\/a configured$/);
  assert.equal(await names(), 'abcd');
  assert.ok(!told.some((text) => /deleted|waits/.test(text)), told.join('\n'));

  // Blank for good: they stay, also over a restart; a file that is removed beside it is another's business.
  after(() => {
    writeFileSync(first, '\n\n');
    rmSync(second);
  });
  await says(/^waits: service\/d$/);
  await says(/^service\/d deleted$/, true);
  assert.equal(await names(), 'abc');
  await running.stop();
  running = files();
  after(() => undefined);
  assert.equal(await running.start(), true);
  await says(/first\.yaml: .*blank/);
  assert.equal(await names(), 'abc');

  // On purpose: one of them leaves, then all by a comment.
  after(() => writeFileSync(first, [service('a'), service('b')].join('---\n')));
  await says(/^waits: service\/c$/);
  assert.equal(await names(), 'abc');
  await says(/^service\/c deleted$/, true);
  after(() => writeFileSync(first, '# none at present\n'));
  await says(/^waits: service\/a,service\/b$/);
  await says(/^service\/b deleted$/, true);
  assert.equal(await names(), '');
});

test('watched files: an object that moves to another path stays, whichever is saved first', async (t) => {
  using folder = temporaryFolder();
  const [first = '', second = ''] = ['first.yaml', 'second.yaml'].map((name) => path.join(folder.path, name));
  writeFileSync(first, [service('a'), service('b')].join('---\n'));
  writeFileSync(second, service('c'));
  const { files, told, names, says, after } = await world(t, folder.path, [first, second]);
  const running = files();
  t.after(() => running.stop());
  assert.equal(await running.start(), true);
  // There first: both have it, which is told; then it leaves the other one.
  after(() => writeFileSync(second, [service('b', 81), service('c')].join('---\n')));
  await says(/second\.yaml:1:1: .*is there already/);
  after(() => writeFileSync(first, service('a')));
  await says(/^service\/b configured$/);
  assert.ok(!told.some((text) => /waits|deleted/.test(text)), told.join('\n'));
  // Away first: it waits, and what waits is looked at again.
  after(() => writeFileSync(second, service('c')));
  await says(/^waits: service\/b$/);
  after(() => writeFileSync(first, [service('a'), service('b', 82)].join('---\n')));
  await says(/^service\/b configured$/);
  assert.equal(await names(), 'abc');
});
