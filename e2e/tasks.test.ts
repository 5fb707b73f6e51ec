/**
 * The tasks of examples/tasks as a new user has them: each has a README and policy tests that pass, `weft check` finds no error in its files,
 * and what e2e/task-runs.yaml says of it happens with our engine and with real Envoy.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { exchange } from '@weft/testkit/http-client';
import { command, TestMesh, WEFT } from '@weft/testkit/mesh';
import { judgeMeshCase, type MeshRequest, toYaml } from '@weft/testkit/mesh-cases';
import { freePort } from '@weft/testkit/ports';
import { tool } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { parse, parseAllDocuments } from 'yaml';

const TASKS = path.resolve(import.meta.dirname, '../examples/tasks');
const ENGINES = tool('envoy') === undefined ? ['weft'] : ['weft', 'envoy'];

interface Run {
  readonly name: string;
  readonly backend?: string;
  readonly upstream?: string;
  readonly flags?: readonly string[];
  /** It registers its Service, which no file has. */
  readonly service?: boolean;
  /** It is a limiter. */
  readonly limiter?: boolean;
  /** It opens a forward proxy. */
  readonly proxy?: boolean;
}

type TaskRequest = Omit<MeshRequest, 'from'> & { readonly from?: string; readonly cookie?: string };

interface Task {
  readonly task: string;
  /** Files, one after the other. */
  readonly apply: readonly string[];
  readonly run: readonly Run[];
  readonly gateway?: string;
  /** The echo service that stands for every host outside. */
  readonly outside?: string;
  /** What the way in answers when all is there. Default: anything. */
  readonly ready?: number;
  readonly requests: readonly TaskRequest[];
  /** So many requests, at least, that echo services come to see. */
  readonly received?: Readonly<Record<string, number>>;
}

const { tasks } = parse(readFileSync(path.join(import.meta.dirname, 'task-runs.yaml'), 'utf8')) as {
  readonly tasks: readonly Task[];
};

const folders = globSync('*/', { cwd: TASKS }).sort();

test('every task is played', () => {
  assert.deepEqual(tasks.map(({ task }) => task).sort(), folders);
});

for (const folder of folders) {
  test(`${folder}: a README, policy tests that pass, files without errors`, async () => {
    assert.ok(existsSync(path.join(TASKS, folder, 'README.md')));
    const tested = await command(WEFT, ['test', path.join(TASKS, folder)]);
    assert.equal(tested.code, 0, tested.stdout + tested.stderr);
    const files = globSync('*.yaml', { cwd: path.join(TASKS, folder) }).filter((file) => !file.endsWith('.test.yaml'));
    for (const file of files) {
      const checked = await command(WEFT, ['check', '-f', path.join(TASKS, folder, file)]);
      assert.match(checked.stdout + checked.stderr, /check: (?:nothing is wrong|0 errors)/);
    }
  });
}

for (const task of tasks)
  describe(task.task, () => {
    for (const engine of ENGINES)
      test(`on ${engine}`, async () => {
        await using played = new Played(task, engine);
        await played.start();
        assert.deepEqual(await played.faults(), []);
      });
  });

/** One task on one engine, in a mesh of its own. */
class Played {
  readonly #task: Task;
  readonly #engine: string;
  readonly #mesh = new TestMesh();
  readonly #echoes = new Map<string, EchoServer>();
  readonly #bad = http.createServer((_, response) => {
    response.statusCode = 503;
    response.setHeader('x-backend', 'bad').end();
  });
  readonly #ports = new Map<string, number>();
  #entry = 0;
  #proxy = 0;

  constructor(task: Task, engine: string) {
    this.#task = task;
    this.#engine = engine;
  }

  async start(): Promise<void> {
    const { run, gateway, outside, apply, ready } = this.#task;
    this.#entry = await freePort();
    await this.#mesh.up();
    const outsidePort = outside === undefined ? 0 : await this.#backend(outside);
    for (const file of apply)
      await this.#mesh.apply(toYaml(this.#objects(path.join(TASKS, this.#task.task, file), outsidePort)));
    for (const one of run) await this.#run(one);
    if (gateway !== undefined) this.#mesh.gateway('--name', gateway, '--engine', this.#engine);
    await this.#mesh.synced(run.length + (gateway === undefined ? 0 : 1));
    const port = gateway === undefined ? this.#ports.get('web') : this.#entry;
    if (port !== undefined)
      await until(
        async () =>
          exchange({ port }).then(
            ({ status }) => (ready === undefined ? status > 0 : status === ready),
            () => false,
          ),
        {
          what: 'the way in',
        },
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${this.#mesh.output()}`, { cause: error });
      });
  }

  /** The file's objects, with ports that are free here, and hosts outside that lead to an echo service. */
  #objects(file: string, outsidePort: number): unknown[] {
    return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
      const object = document.toJS() as { readonly kind: string; readonly spec: Record<string, unknown> };
      if (object.kind === 'Gateway')
        object.spec['listeners'] = (object.spec['listeners'] as object[]).map((one) => ({ ...one, port: this.#entry }));
      if (object.kind === 'ExternalService') object.spec['endpoints'] = [{ ip: '127.0.0.1', port: outsidePort }];
      return object;
    });
  }

  async #backend(name: string): Promise<number> {
    if (name === 'bad') {
      await new Promise<void>((resolve) => this.#bad.listen(0, '127.0.0.1', resolve));
      return (this.#bad.address() as AddressInfo).port;
    }
    const echo = new EchoServer(name);
    this.#echoes.set(name, echo);
    return echo.start();
  }

  async #run({ name, backend, upstream, flags = [], service, proxy, limiter }: Run): Promise<void> {
    const args = ['--name', name, '--engine', this.#engine, ...flags];
    if (backend !== undefined) args.push('--port', `http:${await this.#backend(backend)}/http`);
    if (limiter === true) {
      const port = await freePort();
      this.#mesh.run(...args, '--port', `${port}/grpc`, '--', WEFT, 'limiter', '--listen', `127.0.0.1:${port}`);
      return;
    }
    if (service !== true) args.push('--no-service');
    if (upstream !== undefined) {
      const port = await freePort();
      this.#ports.set(name, port);
      args.push('--upstream', `${upstream}=${port}`);
    }
    if (proxy !== true) {
      this.#mesh.run(...args);
      return;
    }
    const told = this.#mesh.run(
      ...args,
      '--http-proxy',
      '--',
      '/bin/sh',
      '-c',
      'echo "proxy=$http_proxy"; exec sleep 1000',
    );
    const [, port] = await told.matching(/proxy=http:\/\/127\.0\.0\.1:(\d+)/);
    this.#proxy = Number(port);
  }

  async faults(): Promise<string[]> {
    const { task, requests, received = {}, gateway } = this.#task;
    const faults: string[] = [];
    const before = new Map([...this.#echoes].map(([name, { requests: seen }]) => [name, seen]));
    for (const [index, { from = 'web', cookie, ...request }] of requests.entries()) {
      const port = gateway === undefined ? (this.#ports.get(from) ?? 0) : this.#entry;
      if (cookie !== undefined) faults.push(...(await sticks(port, cookie)));
      else {
        const ports = {
          upstream: () => port,
          httpProxy: () => this.#proxy,
          arriving: () => Promise.resolve(port),
          run: '',
        };
        const found = await judgeMeshCase({ name: task, service: task, requests: [request] }, ports);
        faults.push(...found.map((fault) => fault.replace('request 1', `request ${index + 1}`)));
      }
    }
    for (const [name, count] of Object.entries(received))
      await until(() => Promise.resolve((this.#echoes.get(name)?.requests ?? 0) >= (before.get(name) ?? 0) + count), {
        what: `${count} requests at ${name}`,
      });
    return faults;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#mesh[Symbol.asyncDispose]();
    for (const echo of this.#echoes.values()) await echo.stop();
    this.#bad.closeAllConnections();
    this.#bad.close();
  }
}

/** Without the cookie endpoints take turns; with it one answers always. */
async function sticks(port: number, name: string): Promise<string[]> {
  const ask = async (cookie?: string) => {
    const { headers } = await exchange({ port }, cookie === undefined ? {} : { headers: { cookie } });
    return { who: String(headers['x-backend']), set: String(headers['set-cookie'] ?? '') };
  };
  const first = await ask();
  const cookie = first.set.split(';', 1)[0] ?? '';
  if (!cookie.startsWith(`${name}=`)) return [`no cookie ${name} but ${first.set}`];
  const kept = new Set<string>();
  for (let left = 20; left > 0; left -= 1) kept.add((await ask(cookie)).who);
  const free = new Set<string>();
  for (let left = 60; left > 0; left -= 1) free.add((await ask()).who);
  return [
    ...(kept.size === 1 && kept.has(first.who) ? [] : [`with the cookie of ${first.who}: ${[...kept].join(', ')}`]),
    ...(free.size > 1 ? [] : [`without a cookie only ${[...free].join(', ')}`]),
  ];
}
