import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { until } from '@weft/testkit/wait';
import { Supervisor, type SupervisorOptions } from './index.ts';

function supervise(script: string, more: Partial<SupervisorOptions> = {}) {
  const signals = new EventEmitter();
  const supervisor = new Supervisor({
    command: 'sh',
    args: ['-c', script],
    env: { PATH: process.env.PATH },
    signals,
    terminal: false,
    ...more,
  });
  supervisor.start();
  return { supervisor, signals };
}

/** Waits until the script has said in a file that its traps are set. */
const said = (file: string): Promise<boolean> => until(() => existsSync(file));

test('exit codes pass: own, by signal, not found, not executable', async () => {
  assert.deepEqual(await supervise('exit 7').supervisor.exit, { code: 7, signal: undefined });
  assert.deepEqual(await supervise('kill -KILL $$').supervisor.exit, { code: 137, signal: 'SIGKILL' });
  const missing = await supervise('', { command: 'no-such-program' }).supervisor.exit;
  assert.deepEqual([missing.code, missing.message], [127, 'no-such-program: command not found']);
  using folder = temporaryFolder();
  const file = path.join(folder.path, 'plain');
  writeFileSync(file, '#!/bin/sh\n');
  assert.equal((await supervise('', { command: file }).supervisor.exit).code, 126);
  chmodSync(file, 0o755);
  assert.equal((await supervise('', { command: file }).supervisor.exit).code, 0);
});

test('signals are passed on; with a terminal INT and QUIT are not', async () => {
  using folder = temporaryFolder();
  for (const terminal of [false, true]) {
    const ready = path.join(folder.path, `ready-${terminal}`);
    const got = path.join(folder.path, `got-${terminal}`);
    const script = `for s in HUP USR1 QUIT INT; do trap "echo $s >> ${got}" $s; done; : > ${ready}; while :; do sleep 0.02; done`;
    const { supervisor, signals } = supervise(script, { terminal });
    await said(ready);
    for (const name of ['SIGHUP', 'SIGUSR1', 'SIGQUIT', 'SIGINT']) {
      signals.emit(name);
      const last = name.slice(3);
      if (!terminal || !['QUIT', 'INT'].includes(last))
        await until(() => existsSync(got) && readFileSync(got, 'utf8').includes(last));
    }
    assert.equal(readFileSync(got, 'utf8'), terminal ? 'HUP\nUSR1\n' : 'HUP\nUSR1\nQUIT\nINT\n');
    assert.equal((await supervisor.stop(5000)).code, 143);
    assert.equal(signals.listenerCount('SIGHUP'), 0);
  }
});

test('TERM waits for the drain, a second TERM does not', async () => {
  const drain = Promise.withResolvers<void>();
  const first = supervise('exec sleep 30', { onTerminate: () => drain.promise });
  first.signals.emit('SIGTERM');
  await new Promise(setImmediate);
  assert.notEqual(first.supervisor.pid, undefined);
  drain.resolve();
  assert.equal((await first.supervisor.exit).signal, 'SIGTERM');
  const second = supervise('exec sleep 30', { onTerminate: () => new Promise(() => {}) });
  second.signals.emit('SIGTERM');
  second.signals.emit('SIGTERM');
  assert.equal((await second.supervisor.exit).signal, 'SIGTERM');
});

test('KILL follows when TERM is not enough', async () => {
  using folder = temporaryFolder();
  const ready = path.join(folder.path, 'ready');
  const { supervisor } = supervise(`trap '' TERM; : > ${ready}; while :; do sleep 0.02; done`);
  await said(ready);
  assert.equal((await supervisor.stop(50)).signal, 'SIGKILL');
});

test('the child dies with a supervisor that was killed -9, and has no watcher’s pipe of its own', async () => {
  using folder = temporaryFolder();
  const pidFile = path.join(folder.path, 'pid');
  const code = `
    import { Supervisor } from ${JSON.stringify(path.join(import.meta.dirname, 'index.ts'))};
    const child = 'ls /proc/$$/fd > ${pidFile}.fds; echo $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 60';
    new Supervisor({ command: 'sh', args: ['-c', child], env: process.env, signals: process, terminal: false }).start();
  `;
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], { stdio: 'ignore' });
  await said(pidFile);
  const pid = readFileSync(pidFile, 'utf8').trim();
  const state = (): string =>
    existsSync(`/proc/${pid}/stat`) ? (readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '') : 'gone';
  assert.match(state(), /^[SR]/);
  assert.equal(readFileSync(`${pidFile}.fds`, 'utf8').split('\n').includes('3'), false);
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await until(() => /^(?:gone|Z)/.test(state()));
});

test('our tokens do not reach the command; the rest of the environment does', async () => {
  const env = { PATH: process.env.PATH, WEFT_JOIN: 'a', WEFT_TOKEN: 'b', WEFT_UPSTREAM_ORDERS: 'c', OTHER: 'd' };
  const script = 'test -z "$WEFT_JOIN$WEFT_TOKEN" && test "$WEFT_UPSTREAM_ORDERS$OTHER" = cd';
  assert.equal((await supervise(script, { env }).supervisor.exit).code, 0);
});
