/** Logs whose file is full, slow or read by nobody: what is lost is counted, and neither the event loop nor the end of the process waits. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import type { ExchangeRecord } from '../ports.ts';
import { LogFile } from './log-file.ts';

const LINE = `${'x'.repeat(999)}\n`;
const record = {} as ExchangeRecord;
const supported = process.platform === 'win32' ? 'no pipes with a name here' : false;

function pipe(context: TestContext): string {
  const folder = temporaryFolder();
  context.after(() => folder[Symbol.dispose]());
  const file = path.join(folder.path, 'log');
  execFileSync('mkfifo', [file]);
  return file;
}

const lines = (log: LogFile, count: number): void => {
  for (let i = 0; i < count; i += 1) log.write((_, out) => out.text(LINE), record);
};

test('a pipe that nobody reads: lines are dropped and counted; a reader who comes gets those that follow', {
  skip: supported,
}, async (context) => {
  const file = pipe(context);
  const clock = new FakeClock();
  const log = new LogFile({ kind: 'file', path: file }, clock);
  lines(log, 5);
  assert.equal(log.dropped, 5);
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  context.after(() => closeSync(reader));
  lines(log, 5);
  assert.equal(log.dropped, 10, 'it is not asked at every line');
  clock.advance(1000);
  lines(log, 3);
  clock.advance(200);
  const got = Buffer.alloc(10_000);
  let read = 0;
  await until(() => {
    try {
      read += readSync(reader, got, read, got.length - read, null);
    } catch {
      // Nothing there yet.
    }
    return read === 3 * LINE.length;
  });
  assert.equal(log.dropped, 10);
  log.stop();
});

test('a reader who stopped reading: what is beyond the bound is counted, and what waited when he went', {
  skip: supported,
}, async (context) => {
  const file = pipe(context);
  const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const log = new LogFile({ kind: 'file', path: file }, new FakeClock());
  context.after(() => log.stop());
  const count = 12_000;
  lines(log, count);
  log.flush();
  const early = log.dropped;
  assert.ok(early > 2000 && early < 4500, `${early}: 12 MB less the 8 MiB that may wait`);
  closeSync(reader);
  await until(() => log.dropped > count - 200);
  assert.ok(log.dropped <= count);
});

test('a full disk is counted, and tried again', {
  skip: existsSync('/dev/full') ? false : 'no /dev/full here',
}, async (context) => {
  const clock = new FakeClock();
  const log = new LogFile({ kind: 'file', path: '/dev/full' }, clock);
  context.after(() => log.stop());
  lines(log, 10);
  log.flush();
  await until(() => log.dropped === 10);
  lines(log, 10);
  assert.equal(log.dropped, 20);
  clock.advance(1000);
  lines(log, 10);
  assert.equal(log.dropped, 20);
  log.flush();
  await until(() => log.dropped === 30);
});

for (const kind of ['file', 'stdout'] as const)
  test(`a process ends although nobody takes its ${kind === 'file' ? 'log' : 'standard output'}`, {
    skip: supported,
  }, (context) => {
    const file = pipe(context);
    const reader = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const writer = openSync(file, constants.O_WRONLY);
    context.after(() => {
      closeSync(reader);
      closeSync(writer);
    });
    const script = `
      import { LogFile } from ${JSON.stringify(path.join(import.meta.dirname, 'log-file.ts'))};
      const clock = { now: () => performance.now(), after: () => ({ cancel() {} }) };
      const target = ${JSON.stringify(kind === 'file' ? { kind, path: file } : { kind })};
      const log = new LogFile(target, clock);
      for (let i = 0; i < 2000; i += 1) log.write((_, out) => out.text('x'.repeat(999)), {});
      log.stop();
      setImmediate(() => process.exit(0));`;
    const { status, signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', writer, 'pipe'],
      timeout: 60_000,
      killSignal: 'SIGKILL',
      encoding: 'utf8',
    });
    assert.deepEqual({ status, signal }, { status: 0, signal: null }, stderr);
  });
