/**
 * Requests while policies change: `npm run bench -- policy-churn [--seconds N] [--rate N] [--changes N] [--engine weft|envoy] [--limiter]`. A
 * caller asks a service `rate` times a second while `changes` policies a second are written: AccessPolicies that go on allowing the caller,
 * TrafficPolicies, RateLimits far above the rate, HTTPRoutes. With `--limiter` a global limit is asked too, and its limiter is ended and
 * started anew every five seconds. No request may fail: ends with 1 where one does.
 */
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import type { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';
import { Load } from '@weft/testkit/load';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '1000' },
    changes: { type: 'string', default: '10' },
    engine: { type: 'string', default: 'weft' },
    limiter: { type: 'boolean', default: false },
  },
});
const [seconds, rate, changes] = [Number(flags.seconds), Number(flags.rate), Number(flags.changes)];
const HELLO = path.join(import.meta.dirname, '../e2e/backends/hello.mjs');

const weft = (kind: string, spec: string): string =>
  `apiVersion: weft.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: churn, namespace: default }\nspec: { targetRefs: [{ kind: Service, name: hello }], ${spec} }\n`;

/** Each says something new in each round, and nothing that a request of ours fails for. */
const CHANGES: readonly ((round: number) => string)[] = [
  (round) => weft('AccessPolicy', `rules: [{ from: [{ accounts: [client, other-${round}] }] }]`),
  (round) => weft('TrafficPolicy', `timeouts: { request: ${30 + (round % 20)}s }`),
  (round) =>
    flags.limiter
      ? weft(
          'RateLimit',
          `global: { limiter: { name: limiter }, limits: [{ requests: ${1_000_000 + round}, per: 1s }] }`,
        )
      : weft('RateLimit', `local: { requests: ${1_000_000 + round}, per: 1s }`),
  (round) =>
    `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: churn, namespace: default }\nspec:\n  parentRefs: [{ group: "", kind: Service, name: hello }]\n  rules: [{ backendRefs: [{ name: hello, port: 80 }], filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: x-round, value: "${round}" }] } }] }]\n`,
];

const mesh = new TestMesh();
let restarts = 0;
async function startLimiter(): Promise<TestProcess> {
  const port = await freePort();
  const own = [WEFT, 'limiter', '--listen', `127.0.0.1:${port}`];
  const started = mesh.run('--name', 'limiter', '--port', `${port}/grpc`, '--drain', '2s', '--', ...own);
  await started.matching(/limiter is ready/, 30_000);
  return started;
}

try {
  await mesh.up();
  await mesh.apply(
    'apiVersion: v1\nkind: Service\nmetadata: { name: hello, namespace: default }\nspec: { selector: { app: hello }, ports: [{ name: http, port: 80, appProtocol: http }] }\n',
  );
  const app = await freePort();
  const hello = ['/usr/bin/env', `PORT=${app}`, 'NAME=a', process.execPath, HELLO];
  mesh.run('--name', 'hello', '--no-service', '--engine', flags.engine, '--port', `http:${app}/http`, '--', ...hello);
  const port = await freePort();
  mesh.run('--name', 'client', '--engine', flags.engine, '--upstream', `hello=${port}`);
  await mesh.synced(2, 60_000);
  let limiter = flags.limiter ? await startLimiter() : undefined;
  await mesh.apply(CHANGES.map((change) => change(0)).join('---\n'), '--wait');
  await until(async () => (await exchange({ port })).status === 200, { what: 'the first answer' });

  const load = new Load(port, rate, 128);
  const end = performance.now() + seconds * 1000;
  let written = 0;
  let nextRestart = performance.now() + 5000;
  let next = performance.now();
  while (performance.now() < end) {
    // Ten changes are one write of the command: its start costs more than all of them.
    const round = written;
    const texts = Array.from({ length: changes }, (_, index) => CHANGES[index % CHANGES.length]?.(round + index) ?? '');
    // Of one object the last text counts, so that several applies make several changes of it.
    for (let at = 0; at < texts.length; at += CHANGES.length)
      await mesh.apply(texts.slice(at, at + CHANGES.length).join('---\n'));
    written += changes;
    if (limiter !== undefined && performance.now() > nextRestart) {
      await limiter.stop();
      limiter = await startLimiter();
      restarts += 1;
      nextRestart = performance.now() + 5000;
    }
    next += 1000;
    await pause(Math.max(0, next - performance.now()));
  }
  await load.stop();
  const took = (performance.now() - end) / 1000 + seconds;
  process.stdout.write(
    `${flags.engine}: ${load.sent} requests (${(load.sent / took).toFixed(0)}/s), ${written} changes (${(written / took).toFixed(1)}/s), ${restarts} restarts of the limiter, ${load.failures.length} failed\n`,
  );
  for (const failure of new Set(load.failures)) process.stdout.write(`  ${failure}\n`);
  process.exitCode = load.failures.length === 0 ? 0 : 1;
} finally {
  await mesh[Symbol.asyncDispose]();
}
