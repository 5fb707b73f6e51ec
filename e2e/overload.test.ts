/** A proxy that runs out of something: descriptors, heap. What is open is served, what is new is refused with a reason, nothing spins or ends, and it recovers. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { engineCommand } from '@weft/testkit/cases';
import { EchoServer } from '@weft/testkit/echo';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange, type Received } from '@weft/testkit/http-client';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';

interface Started {
  readonly port: number;
  readonly running: TestProcess;
  readonly app: EchoServer;
  ask(path?: string): Promise<Received>;
  stats(): Promise<string>;
  log(): string;
}

/** `limit`: a shell's `ulimit` for the process. */
async function start(
  context: TestContext,
  { limit = '', env = {}, ...more }: { limit?: string; env?: NodeJS.ProcessEnv; overload_manager?: object },
): Promise<Started> {
  const folder = temporaryFolder();
  const app = new EchoServer('app');
  await app.start();
  const port = await freePort();
  const socketPath = path.join(folder.path, 'admin.sock');
  const log = path.join(folder.path, 'access.log');
  const type = (name: string): { '@type': string } => ({ '@type': `type.googleapis.com/envoy.extensions.${name}` });
  const loopback = (port_value: number): object => ({ socket_address: { address: '127.0.0.1', port_value } });
  const bootstrap = {
    admin: { address: { pipe: { path: socketPath } } },
    ...more,
    static_resources: {
      listeners: [
        {
          name: 'in',
          address: loopback(port),
          filter_chains: [
            {
              filters: [
                {
                  name: 'http',
                  typed_config: {
                    ...type('filters.network.http_connection_manager.v3.HttpConnectionManager'),
                    stat_prefix: 'in',
                    http_filters: [{ name: 'router', typed_config: type('filters.http.router.v3.Router') }],
                    access_log: [
                      {
                        name: 'file',
                        typed_config: {
                          ...type('access_loggers.file.v3.FileAccessLog'),
                          path: log,
                          log_format: {
                            text_format_source: {
                              inline_string:
                                '%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %UPSTREAM_TRANSPORT_FAILURE_REASON%\n',
                            },
                          },
                        },
                      },
                    ],
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'all',
                          domains: ['*'],
                          routes: [{ match: { prefix: '/' }, route: { cluster: 'app' } }],
                        },
                      ],
                    },
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: 'app',
          load_assignment: {
            cluster_name: 'app',
            endpoints: [{ lb_endpoints: [{ endpoint: { address: loopback(app.port) } }] }],
          },
        },
      ],
    },
  };
  const file = path.join(folder.path, 'bootstrap.json');
  writeFileSync(file, JSON.stringify(bootstrap));
  const running = new TestProcess('/bin/sh', ['-c', `${limit} exec "$@"`, 'sh', ...engineCommand('weft', file)], {
    env,
  });
  context.after(async () => {
    await running.stop();
    await app.stop();
    folder[Symbol.dispose]();
  });
  const ask = (target = '/'): Promise<Received> => exchange({ port }, { path: target });
  await until(async () => running.exit !== undefined || (await ask()).status === 200, { what: 'the proxy' });
  assert.equal(running.exit, undefined, running.stderr);
  return {
    port,
    running,
    app,
    ask,
    stats: async () => (await exchange({ socketPath }, { path: '/stats' })).body.toString(),
    log: () => readFileSync(log, 'utf8'),
  };
}

/** Ticks of CPU that the process used. */
const ticks = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
};

const linux = process.platform === 'linux' ? false : 'reads /proc';

test('out of descriptors: callers are let go at once, open ones are served, nothing spins, and it recovers', {
  skip: linux,
}, async (context) => {
  const { port, running, ask, log } = await start(context, { limit: 'ulimit -n 96;' });
  const first = net.connect(port, '127.0.0.1');
  context.after(() => first.destroy());
  let answers = '';
  first.setEncoding('latin1').on('data', (text: string) => void (answers += text));
  const request = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n';
  first.write(request);
  await until(() => answers.includes('200 OK'));
  const flood = Array.from({ length: 150 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  const gone = (): number => flood.filter(({ closed, destroyed }) => closed || destroyed).length;
  for (const socket of flood) socket.resume();
  await until(() => gone() > 30 && running.exit === undefined, { what: 'what is too many is let go' });
  answers = '';
  first.write(request);
  await until(() => answers.includes('200 OK'), { what: 'an answer on an open connection, by a kept upstream one' });
  // What spins does so all the time; code that is being compiled does not.
  let share = 1;
  for (let turn = 0; turn < 5 && share >= 0.5; turn += 1) {
    const before = ticks(running.pid);
    const from = performance.now();
    await until(() => performance.now() - from > 500);
    share = ((ticks(running.pid) - before) * 10) / (performance.now() - from);
  }
  assert.ok(share < 0.5, `${Math.round(share * 100)} % of a core`);

  // Two requests at once want a second upstream connection, for which there is no descriptor.
  const held = flood.filter(({ closed, destroyed }) => !closed && !destroyed).slice(0, 3);
  const texts = held.map(() => '');
  held.forEach((socket, index) => {
    socket.setEncoding('latin1').on('data', (text: string) => void (texts[index] += text));
    socket.write('GET /?delay=300 HTTP/1.1\r\nhost: a\r\n\r\n');
  });
  await until(() => texts.every((text) => text !== ''));
  const statuses = texts.map((text) => text.slice(9, 12));
  assert.ok(statuses.includes('200') && statuses.includes('503'), statuses.join());
  flood.forEach((socket) => socket.destroy());
  await until(async () => (await ask()).status === 200, { what: 'new callers are served again' });
  await until(() => /^503 UF \S*remote_connection_failure\S* .*EMFILE/m.test(log()), { what: 'the reason in the log' });
});

test('a small heap under many slow exchanges: open ones end, new ones get 503 OM, no crash, and it recovers', {
  skip: linux,
}, async (context) => {
  const monitor = 'envoy.resource_monitors.fixed_heap';
  const { port, running, ask, stats, log } = await start(context, {
    env: { NODE_OPTIONS: '--max-old-space-size=96' },
    overload_manager: {
      refresh_interval: '0.05s',
      resource_monitors: [
        {
          name: monitor,
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig',
            max_heap_size_bytes: 64_000_000,
          },
        },
      ],
      actions: ['disable_http_keepalive', 'stop_accepting_requests'].map((action, index) => ({
        name: `envoy.overload_actions.${action}`,
        triggers: [{ name: monitor, threshold: { value: index === 0 ? 0.8 : 0.9 } }],
      })),
    },
  });
  // Bodies that are held until their exchange may go on: memory that only its end gives back.
  const size = 900_000;
  const body = Buffer.alloc(size, 'x');
  const slow: net.Socket[] = [];
  const texts: string[] = [];
  const open = (): void => {
    const index = slow.length;
    const socket = net.connect(port, '127.0.0.1').on('error', () => undefined);
    texts.push('');
    socket.setEncoding('latin1').on('data', (text: string) => void (texts[index] += text));
    socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: ${size + 1}\r\n\r\n`);
    socket.write(body);
    slow.push(socket);
  };
  context.after(() => slow.forEach((socket) => socket.destroy()));
  const shedding = async (): Promise<boolean> =>
    (await stats()).includes('envoy.overload_actions.stop_accepting_requests.active: 1');
  await until(
    async () => {
      for (let count = 0; count < 5; count += 1) open();
      return running.exit !== undefined || ((await shedding()) && (await ask()).body.toString() === 'envoy overloaded');
    },
    { what: 'the last step' },
  );
  assert.equal(running.exit, undefined, running.stderr);
  const unanswered = slow.filter((_, index) => texts[index] === '');
  for (const socket of unanswered) socket.write('!');
  await until(() => texts.every((text) => text !== ''), { what: 'all slow ones are answered' });
  const served = texts.filter((text) => text.startsWith('HTTP/1.1 200')).length;
  const others = texts.filter((text) => !/^HTTP\/1\.1 (?:200|503)/.test(text));
  assert.deepEqual(others, []);
  assert.ok(served >= unanswered.length / 2, `${served} of ${unanswered.length} that were let in`);
  slow.forEach((socket) => socket.destroy());
  await until(async () => (await ask()).status === 200, { what: 'new callers are served again' });
  assert.equal(running.exit, undefined, running.stderr);
  await until(() => /^503 OM overload /m.test(log()));
  assert.match(running.stderr, /"load is shed"/);
});
