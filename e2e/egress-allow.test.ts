/** Mesh `egress.mode: Allow`: what is no service and no ExternalService is reached at public addresses, across a network, and nowhere else. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '@weft/testkit/folder';
import { needsHosts, TwoHosts } from '@weft/testkit/hosts';
import { command, type CommandOutcome, WEFT } from '@weft/testkit/mesh';
import { TestProcess } from '@weft/testkit/process';
import { needs, tool } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');
const ENGINES = tool('envoy') === undefined ? (['weft'] as const) : (['weft', 'envoy'] as const);

/** Of a range for documentation: a public address as far as proxies know. */
const PUBLIC = '203.0.113.7';
const PORT = 8080;
/** A child that says where its forward proxy is. */
const TELL_PROXY = ['/bin/sh', '-c', 'echo "proxy=$http_proxy"; exec sleep 1000'];
const OBJECTS = (mode: 'Allow' | 'Deny', listed: string): string => `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec: { trustDomain: weft.local, egress: { mode: ${mode} } }
---
apiVersion: weft.dev/v1alpha1
kind: ExternalService
metadata: { name: named, namespace: default }
spec: { addresses: ["${listed}"], ports: [{ port: 8081, appProtocol: http }] }
`;

describe('egress where the mesh lets everything out', { skip: needsHosts() || needs('curl') }, () => {
  const folder = temporaryFolder();
  const data = path.join(folder.path, 'a');
  const processes: TestProcess[] = [];
  let hosts: TwoHosts | undefined;
  let [inside, outside] = ['', ''];
  /** URL of each caller's forward proxy. */
  const proxies = new Map<string, string>();

  const start = (host: 'a' | 'b', ...args: readonly string[]): TestProcess => {
    const [file, ...rest] = hosts?.[host].command(...args) ?? [''];
    const started = new TestProcess(file, rest);
    processes.push(started);
    return started;
  };
  const run = (host: 'a' | 'b', args: readonly string[], input?: string): Promise<CommandOutcome> => {
    const [file, ...rest] = hosts?.[host].command(...args) ?? [''];
    return command(file, rest, {}, input);
  };
  const apply = async (mode: 'Allow' | 'Deny'): Promise<void> => {
    const outcome = await run('a', [WEFT, 'apply', '--data', data, '-f', '-'], OBJECTS(mode, `${outside}/32`));
    assert.equal(outcome.code, 0, outcome.stderr);
  };
  /** Status of a GET through the forward proxy; `tunnel`: by CONNECT, of which 000 and another number is the proxy's refusal. */
  const get = async (engine: 'weft' | 'envoy', url: string, tunnel: boolean): Promise<string> => {
    const through = ['-x', proxies.get(engine) ?? '', ...(tunnel ? ['--proxytunnel'] : [])];
    const say = ['-o', '/dev/null', '-w', '%{http_connect} %{http_code}'];
    const { stdout } = await run('a', ['curl', '-s', '-m', '15', ...through, ...say, url]);
    return stdout;
  };

  before(async () => {
    hosts = new TwoHosts();
    [inside, outside] = [hosts.a.ip, hosts.b.ip];
    await run('b', ['ip', 'address', 'add', `${PUBLIC}/32`, 'dev', 'lo']);
    await run('a', ['ip', 'route', 'add', `${PUBLIC}/32`, 'via', outside]);
    await start('a', WEFT, 'up', '--data', data, '--listen', `${inside}:15012`).matching(/ready/);
    await apply('Allow');
    start('b', '/usr/bin/env', `PORT=${PORT}`, 'HOST=0.0.0.0', 'NAME=outside', process.execPath, HELLO);
    start('b', '/usr/bin/env', 'PORT=8081', 'HOST=0.0.0.0', 'NAME=named', process.execPath, HELLO);
    for (const engine of ENGINES) {
      const args = ['--data', data, '--name', `caller-${engine}`, '--engine', engine, '--no-service', '--http-proxy'];
      const calling = start('a', WEFT, 'run', ...args, '--', ...TELL_PROXY);
      proxies.set(engine, (await calling.matching(/proxy=(http:\S+)/))[1] ?? '');
    }
  });
  after(async () => {
    for (const one of processes.toReversed()) await one.stop();
    hosts?.[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  test('public addresses at any port, and what is named; nothing of private networks, links and machines', async () => {
    for (const engine of ENGINES) {
      const reached = `http://${PUBLIC}:${PORT}/`;
      await until(async () => (await get(engine, reached, false)) === '000 200', {
        what: `an answer through ${engine}`,
      });
      assert.equal(await get(engine, reached, true), '200 200');
      assert.equal(await get(engine, `http://${outside}:8081/`, false), '000 200', 'an ExternalService lists it');
      for (const url of [
        `http://${outside}:${PORT}/`,
        `http://${inside}:15012/`,
        'http://127.0.0.1:15012/',
        'http://localhost:15012/',
        'http://[::1]:15012/',
        'http://[::ffff:127.0.0.1]:15012/',
        'http://169.254.169.254/',
        'http://0.0.0.0:15012/',
      ]) {
        assert.equal(await get(engine, url, false), '000 503', `${engine} ${url}`);
        assert.equal(await get(engine, url, true), '503 000', `${engine} ${url}`);
      }
    }
  });

  test('with Deny the same hosts get 502 again', async () => {
    await apply('Deny');
    for (const engine of ENGINES) {
      const url = `http://${PUBLIC}:${PORT}/`;
      await until(async () => (await get(engine, url, false)) === '000 502', { what: `the refusal by ${engine}` });
      assert.equal(await get(engine, url, true), '502 000');
      assert.equal(await get(engine, `http://${outside}:8081/`, false), '000 200');
    }
  });
});
