/**
 * Requests while policies change: `npm run bench -- policy-churn [--seconds N] [--rate N] [--changes N] [--engine weft|envoy] [--limiter]
 * [--on-failure Allow|Deny] [--rotate]`. A caller asks a service `rate` times a second while `changes` objects a second are written over one
 * connection to the API: AccessPolicies that go on allowing the caller, TrafficPolicies, RateLimits far above the rate, HTTPRoutes. With
 * `--limiter` a global limit is asked too, and its limiter is ended and started anew every five seconds; `--on-failure Deny` refuses what
 * nobody answers: the next limiter then begins before the last one ends. With `--rotate` the root is replaced meanwhile. No request may fail: ends with 1 where one does.
 */
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient, type JsonObject } from '@weft/control/api/client';
import { KINDS } from '@weft/core/resources';
import { systemMonotonicClock } from '@weft/proxy/time';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh, WEFT } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import type { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';
import { Load } from '@weft/testkit/load';
import { parse } from 'yaml';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '1000' },
    changes: { type: 'string', default: '10' },
    engine: { type: 'string', default: 'weft' },
    limiter: { type: 'boolean', default: false },
    'on-failure': { type: 'string', default: 'Allow' },
    rotate: { type: 'boolean', default: false },
  },
});
const overlapping = flags['on-failure'] === 'Deny';
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
          `global: { limiter: { name: limiter }, onFailure: ${flags['on-failure']}, timeout: 5s, limits: [{ requests: ${1_000_000 + round}, per: 1s }] }`,
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

/** Writes one change. */
async function write(client: ApiClient, round: number): Promise<void> {
  const object = parse(CHANGES[round % CHANGES.length]?.(round) ?? '') as JsonObject;
  const kind = KINDS.find((one) => one.kind === object['kind']);
  if (kind === undefined) throw new Error(`no kind ${String(object['kind'])}`);
  const written = await client.apply({ kind, namespace: 'default', name: 'churn' }, object);
  if (!written.ok) throw new Error(JSON.stringify(written.error));
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
  await until(async () => (await exchange({ port })).status === 200, { what: 'the first answer', timeout: 30_000 });

  const client = new ApiClient({ socketPath: path.join(mesh.data, 'control.sock') }, systemMonotonicClock);
  const load = new Load(port, rate, 128);
  const began = performance.now();
  const end = began + seconds * 1000;
  let written = 0;
  let rotated = '';
  const churn = async (): Promise<void> => {
    for (let due = began; performance.now() < end; due += 1000 / changes) {
      await pause(Math.max(0, due - performance.now()));
      await write(client, (written += 1));
    }
  };
  const inStep = async (): Promise<number> =>
    (await mesh.status()).filter(({ connected, state }) => connected && state === 'synced').length;
  const limiters = async (): Promise<void> => {
    while (limiter !== undefined) {
      await pause(5000);
      if (performance.now() > end) return;
      // Where nobody may pass without an answer, the next one is there before the last one goes.
      const next = overlapping ? await startLimiter() : undefined;
      if (next !== undefined)
        await until(async () => (await inStep()) >= 4, { timeout: 30_000, what: 'both limiters' });
      await limiter.stop();
      limiter = next ?? (await startLimiter());
      restarts += 1;
    }
  };
  const rotation = async (): Promise<void> => {
    if (!flags.rotate) return;
    await pause(3000);
    const outcome = await mesh.weft('authority', 'rotate');
    if (outcome.code !== 0) throw new Error(`weft authority rotate: ${outcome.stderr}`);
    rotated = `, a root rotated in ${((performance.now() - began) / 1000 - 3).toFixed(1)} s`;
  };
  await Promise.all([churn(), limiters(), rotation()]);
  // Each of them has a connection and ends after 20 s without an octet of its answer.
  await load.stop().catch(() => load.failures.push(...Array.from({ length: load.open }, () => 'no end')));
  client.close();
  const took = (performance.now() - began) / 1000;
  process.stdout.write(
    `${flags.engine}: ${load.sent} requests (${(load.sent / took).toFixed(0)}/s), ${written} changes (${(written / took).toFixed(1)}/s), ${restarts} restarts of the limiter${rotated}, ${load.failures.length} failed${load.held === 0 ? '' : `; ${load.held} more were due while every connection waited: the machine is slower than the rate`}\n`,
  );
  const failures = new Map<string, number>();
  for (const failure of load.failures) failures.set(failure, (failures.get(failure) ?? 0) + 1);
  for (const [failure, times] of failures) process.stdout.write(`  ${times}: ${failure}\n`);
  process.exitCode = load.failures.length === 0 ? 0 : 1;
} finally {
  await mesh[Symbol.asyncDispose]();
}
