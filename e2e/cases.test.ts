/** The shared behaviour cases (e2e/cases/*.yaml): the same bootstrap and the same requests on our engine and on real Envoy, with equal outcome. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type EngineName, judge, readCases, startCases, type RunningCases, withPorts } from '@weft/testkit/cases';
import { EchoServer } from '@weft/testkit/echo';
import { DatagramServer, echoing, greeting, type Place, StreamServer, TunnelServer } from '@weft/testkit/streams';
import { ServiceServer } from '@weft/testkit/services';
import { temporaryFolder } from '@weft/testkit/folder';
import { needs } from '@weft/testkit/tools';

const files = globSync('cases/*.yaml', { cwd: import.meta.dirname }).sort();
const all = files.flatMap((file) =>
  readCases(path.join(import.meta.dirname, file)).map((one) => ({ topic: path.basename(file, '.yaml'), one })),
);
const BACKENDS = ['a', 'b', 'c'];

const RUNS = [
  ['weft', 1],
  ['weft', 2],
  ['envoy', 1],
] as const satisfies readonly (readonly [EngineName, number])[];

for (const [engine, concurrency] of RUNS) {
  const threads = concurrency === 1 ? '' : `, ${concurrency} threads`;
  describe(`shared cases on ${engine}${threads}`, { skip: engine === 'envoy' ? needs('envoy') : false }, () => {
    const folder = temporaryFolder();
    const cases = all.filter(({ one }) => engine !== 'envoy' || one.not_in_envoy === undefined);
    const echoes = BACKENDS.map((name) => new EchoServer(name));
    const streams = {
      'echo-a': new StreamServer(echoing('echo-a')),
      'echo-b': new StreamServer(echoing('echo-b')),
      greeter: new StreamServer(greeting('greeter')),
      'tunnel-h1': new TunnelServer('http1'),
      'tunnel-h2': new TunnelServer('http2'),
      'udp-a': new DatagramServer('udp-a'),
      'udp-b': new DatagramServer('udp-b'),
    };
    const h2 = new EchoServer('h2', 'http2');
    const services = new ServiceServer();
    const unix = new StreamServer(echoing('echo-unix'));
    let running: RunningCases | undefined;
    let backends: Record<string, Place> = {};

    before(async () => {
      const ports = await Promise.all(echoes.map((echo) => echo.start()));
      backends = Object.fromEntries(BACKENDS.map((name, index) => [name, ports[index] ?? 0]));
      for (const [name, server] of Object.entries(streams)) backends[name] = await server.start();
      backends['h2'] = await h2.start();
      backends['services'] = await services.start();
      backends['echo-unix'] = await unix.start(path.join(folder.path, 'echo-unix.sock'));
      running = await startCases(
        engine,
        folder.path,
        { cases: cases.map(({ one }) => one), backends },
        { concurrency },
      );
    });
    after(async () => {
      await running?.process.stop();
      await Promise.all([...echoes, h2, services, ...Object.values(streams), unix].map((server) => server.stop()));
      folder[Symbol.dispose]();
    });

    for (const [index, { topic, one }] of cases.entries()) {
      const difference = one.differs?.[engine];
      const note = difference === undefined ? '' : ` (differs by intention: ${difference})`;
      test(`${topic}: ${one.name}${note}`, async () => {
        const asked = { ...one, requests: withPorts(one.requests, backends) };
        const faults = await judge(asked, running?.ports[index] ?? 0, index, running?.adminPath);
        faults.push(...((await running?.judgeRecords(index)) ?? []));
        if (difference === undefined) assert.deepEqual(faults, []);
        else assert.notDeepEqual(faults, [], 'the stated difference is gone: remove it from the case');
      });
    }
  });
}
