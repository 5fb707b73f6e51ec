/** Two hosts with a network between them: a workload joins by a token, and calls cross the network only as mTLS. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { needsHosts, TwoHosts } from '@weft/testkit/hosts';
import { command, type CommandOutcome, WEFT } from '@weft/testkit/mesh';
import { TestProcess } from '@weft/testkit/process';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');

describe('two hosts', { skip: needsHosts() || needs('curl') }, () => {
  const folder = temporaryFolder();
  const data = path.join(folder.path, 'a');
  const processes: TestProcess[] = [];
  let hosts: TwoHosts | undefined;

  const start = (host: 'a' | 'b', ...args: readonly string[]): TestProcess => {
    const [file, ...rest] = hosts?.[host].command(...args) ?? [''];
    const started = new TestProcess(file, rest);
    processes.push(started);
    return started;
  };
  const run = (host: 'a' | 'b', ...args: readonly string[]): Promise<CommandOutcome> => {
    const [file, ...rest] = hosts?.[host].command(...args) ?? [''];
    return command(file, rest);
  };

  before(async () => {
    hosts = new TwoHosts();
    await start('a', WEFT, 'up', '--data', data, '--listen', `${hosts.a.ip}:15012`).matching(/ready/);
    const hello = ['--', '/usr/bin/env', 'PORT=8080', 'NAME=hello', process.execPath, HELLO];
    await start(
      'a',
      WEFT,
      'run',
      '--data',
      data,
      '--name',
      'hello',
      '--address',
      hosts.a.ip,
      '--port',
      '8080',
      ...hello,
    ).matching(/port accepts/);
  });
  after(async () => {
    for (const one of processes.toReversed()) await one.stop();
    hosts?.[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  test('a workload of the other host joins by a token and calls over mTLS', async () => {
    const token = (
      await run('a', WEFT, 'token', 'create', '--data', data, '--service-account', 'client')
    ).stdout.trim();
    const elsewhere = path.join(folder.path, 'b');
    const client = start(
      'b',
      WEFT,
      'run',
      '--data',
      elsewhere,
      '--name',
      'client',
      '--no-service',
      '--address',
      hosts?.b.ip ?? '',
      '--join',
      token,
      '--upstream',
      'hello=7000',
    );
    await client.matching(/: ready/);
    const answer = await until(
      async () => {
        const outcome = await run('b', 'curl', '-sS', '-m', '5', 'http://127.0.0.1:7000/');
        return outcome.code === 0 && outcome.stdout.includes('"name":"hello"') ? outcome.stdout : undefined;
      },
      { what: 'the answer across the hosts' },
    );
    assert.match(answer, /URI=spiffe:\/\/weft\.local\/ns\/default\/sa\/client/);
  });

  test('the other host reaches neither the application nor its proxy without a certificate', async () => {
    const application = await run('b', 'curl', '-sS', '-m', '3', `http://${hosts?.a.ip}:8080/`);
    assert.notEqual(application.code, 0, 'the application listens on its own loopback only');
    const workloads = JSON.parse((await run('a', WEFT, 'get', 'workloads', '--data', data, '-o', 'json')).stdout) as {
      readonly items: readonly {
        readonly metadata: { readonly name: string };
        readonly spec: { readonly ports?: readonly { readonly proxyPort?: number }[] };
      }[];
    };
    const port = workloads.items.find(({ metadata }) => metadata.name.startsWith('hello-'))?.spec.ports?.[0]?.proxyPort;
    assert.ok(port !== undefined && port > 0);
    for (const scheme of ['http', 'https']) {
      const knock = await run('b', 'curl', '-sSk', '-m', '3', `${scheme}://${hosts?.a.ip}:${port}/`);
      assert.notEqual(knock.code, 0, `${scheme} was answered: ${knock.stdout}`);
    }
  });
});
