/**
 * Two control planes that know nothing of each other but where the other's bundle is: each fetches it (https_spiffe), their workloads verify each
 * other, judged by go-spiffe, and a service lets the other's workloads in where it says so, on both engines.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { guestServerName, passedGuestName, serviceServerName } from '@weft/core/identity';
import { exchange } from '@weft/testkit/http-client';
import { command, TestMesh } from '@weft/testkit/mesh';
import { freePort } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { needs, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

const HELLO = path.join(import.meta.dirname, 'backends/hello.mjs');
const PRINTS = 'process.stdout.write(`socket ${process.env.SPIFFE_ENDPOINT_SOCKET}\\n`); setInterval(() => {}, 1000)';

interface Workloads {
  readonly items: readonly { metadata: { name: string }; spec: { ports: readonly { proxyPort: number }[] } }[];
}

/** A control plane of that trust domain, with a workload that does nothing but hold an identity. */
class Side {
  readonly mesh = new TestMesh();
  readonly domain: string;
  endpoint = 0;
  socket = '';

  constructor(domain: string) {
    this.domain = domain;
  }

  get id(): string {
    return `spiffe://${this.domain}/ns/default/sa/orders`;
  }

  async up(): Promise<void> {
    this.endpoint = await freePort();
    await this.mesh.up('--trust-domain', this.domain, '--bundle-endpoint', `127.0.0.1:${this.endpoint}`);
    const orders = this.mesh.run('--name', 'orders', '--', process.execPath, '-e', PRINTS);
    [, this.socket = ''] = await orders.matching(/socket (unix:\/\/\/\S+)/);
  }

  /** How others fetch the bundle of this one; `bundle`: the first one. */
  entry(bundle: string | undefined): object {
    const url = `https://127.0.0.1:${this.endpoint}/`;
    return bundle === undefined
      ? { trustDomain: this.domain, endpoint: { url } }
      : {
          trustDomain: this.domain,
          bundle,
          endpoint: { url, profile: 'HttpsSpiffe', spiffeId: `spiffe://${this.domain}/weft/bundle-endpoint` },
        };
  }

  async federate(...federation: readonly object[]): Promise<void> {
    const spec = { trustDomain: this.domain, federation };
    const object = { apiVersion: 'weft.dev/v1alpha1', kind: 'Mesh', metadata: { name: 'default' }, spec };
    await this.mesh.apply(JSON.stringify(object));
  }

  async go(...args: readonly string[]): Promise<Record<string, unknown>> {
    const outcome = await command(toolPath('spiffe-client'), args, { SPIFFE_ENDPOINT_SOCKET: this.socket });
    assert.equal(outcome.code, 0, outcome.stderr);
    return JSON.parse(outcome.stdout) as Record<string, unknown>;
  }

  /** Domains whose roots its workloads have. */
  async roots(): Promise<readonly string[]> {
    return Object.keys((await this.go('x509'))['roots'] as object).sort();
  }

  async shown(form = 'table'): Promise<string> {
    return (await this.mesh.weft('authority', 'show', '-o', form)).stdout;
  }
}

describe('two control planes federate', { skip: needs('spiffe-client') }, () => {
  const one = new Side('one.test');
  const two = new Side('two.test');
  /** By engine. */
  const ledgers = new Map<string, TestProcess>();
  before(async () => {
    await Promise.all([one.up(), two.up()]);
  });
  after(async () => {
    await one.mesh[Symbol.asyncDispose]();
    await two.mesh[Symbol.asyncDispose]();
  });

  test('an endpoint that nothing verifies: told, and nobody is believed', async () => {
    await one.federate(two.entry(undefined));
    await until(async () => /two\.test: no bundle;.*certificate/.test(await one.shown()), { what: 'the failure' });
    const { stdout, stderr } = await one.mesh.weft('check');
    assert.match(stdout + stderr, /nobody of two\.test is believed/);
    assert.match(stdout + stderr, /WEFT0208/);
    assert.deepEqual(await one.roots(), ['one.test']);
  });

  test('by https_spiffe both ways: workloads of both verify each other by go-spiffe, with certificates and tokens', async () => {
    const [first, second] = await Promise.all([one.shown('spiffe'), two.shown('spiffe')]);
    await Promise.all([one.federate(two.entry(second)), two.federate(one.entry(first))]);
    for (const [side, other] of [
      [one, two],
      [two, one],
    ] as const) {
      const fetched = new RegExp(`${other.domain}: 1 root, sequence \\d+, fetched \\d{4}-[^;]*;[^;]*$`, 'm');
      await until(async () => fetched.test(await side.shown()), { what: 'the bundle' });
      await until(async () => (await side.roots()).includes(other.domain), { what: 'the bundle at the workload' });
    }
    const server = new TestProcess(toolPath('spiffe-client'), ['serve'], {
      env: { SPIFFE_ENDPOINT_SOCKET: one.socket },
    });
    const [address = ''] = await server.matching(/\S+:\d+/);
    assert.deepEqual(await two.go('call', address, one.id), { said: two.id });
    await server.stop();
    const { token } = await one.go('jwt', 'ledger');
    assert.deepEqual(await two.go('verify', 'ledger', String(token)), { id: one.id });
  });

  for (const engine of ['weft', 'envoy'] as const)
    test(`${engine}: a service lets them in where it is exported to their trust domain`, {
      skip: needs(...(engine === 'envoy' ? ['envoy'] : [])),
    }, async () => {
      const name = `ledger-${engine}`;
      const service = (annotation: string): string =>
        `{apiVersion: v1, kind: Service, metadata: {name: ${name}, annotations: {weft.dev/export-to: "${annotation}"}}, spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, appProtocol: http}]}}`;
      await one.mesh.apply(service(''));
      const app = await freePort();
      const flags = ['--name', name, '--engine', engine, '--port', `${app}/http`, '--no-service'];
      const serve = ['--', '/usr/bin/env', `PORT=${app}`, `NAME=${name}`, process.execPath, HELLO];
      ledgers.set(engine, one.mesh.run(...flags, ...serve));
      const port = await until(async () => {
        const { stdout } = await one.mesh.weft('get', 'workload', '-o', 'json');
        const { items } = JSON.parse(stdout) as Workloads;
        return items.find((item) => item.metadata.name.startsWith(name))?.spec.ports[0]?.proxyPort;
      });
      const ask = async (): Promise<string> => {
        const args = [
          'get',
          `127.0.0.1:${port}`,
          `spiffe://one.test/ns/default/sa/${name}`,
          guestServerName('two.test'),
        ];
        const outcome = await command(toolPath('spiffe-client'), args, { SPIFFE_ENDPOINT_SOCKET: two.socket });
        return outcome.code === 0 ? (JSON.parse(outcome.stdout) as { said: string }).said : `failed: ${outcome.stderr}`;
      };
      assert.match(await ask(), /^failed/);
      await one.mesh.apply(service('spiffe://two.test'));
      await until(async () => (await ask()).includes(two.id), { what: 'the answer' });
      const access = (domain: string): string =>
        `{apiVersion: weft.dev/v1alpha1, kind: AccessPolicy, metadata: {name: ${name}}, spec: {targetRefs: [{name: ${name}}], action: ALLOW, rules: [{from: [{trustDomains: [${domain}]}]}]}}`;
      await one.mesh.apply(access('one.test'));
      await until(async () => (await ask()).startsWith('failed'), { what: 'the refusal' });
      await one.mesh.apply(access('two.test'));
      await until(async () => (await ask()).includes(two.id), { what: 'the answer again' });
    });

  for (const engine of ['weft', 'envoy'] as const)
    test(`${engine}: a sidecar calls into the other trust domain, and knows whom it reached by that one's bundle`, {
      skip: needs(...(engine === 'envoy' ? ['envoy'] : [])),
    }, async () => {
      // The service that the test before let the workloads of `two` into.
      const name = 'ledger-weft';
      const listed = JSON.parse((await one.mesh.weft('get', 'workload', '-o', 'json')).stdout) as Workloads;
      const port = listed.items.find((item) => item.metadata.name.startsWith(name))?.spec.ports[0]?.proxyPort;
      const tls = (identity: string, domain = 'one.test'): string =>
        JSON.stringify({ federated: { trustDomain: domain, identities: [identity] } });
      const objects = (said: string): string =>
        [
          `{apiVersion: weft.dev/v1alpha1, kind: ExternalService, metadata: {name: abroad-${engine}}, spec: {host: abroad-${engine}.one.test, ports: [{port: 80, appProtocol: http}], endpoints: [{ip: 127.0.0.1, port: ${port}}]}}`,
          `{apiVersion: weft.dev/v1alpha1, kind: TrafficPolicy, metadata: {name: abroad-${engine}}, spec: {targetRefs: [{group: weft.dev, kind: ExternalService, name: abroad-${engine}}], tls: ${said}}}`,
        ].join('\n---\n');
      const right = `spiffe://one.test/ns/default/sa/${name}`;
      const upstream = await freePort();
      await two.mesh.apply(objects(tls(right)));
      two.mesh.run('--name', `orders-${engine}`, '--engine', engine, '--upstream', `abroad-${engine}=${upstream}`);
      const answer = async (): Promise<string> => {
        const { status, body } = await exchange({ port: upstream });
        return `${status} ${body.toString()}`;
      };
      await until(async () => /^200 .*ledger-weft/.test(await answer()), { what: 'the answer', timeout: 60_000 }).catch(
        (error: unknown) => {
          throw new Error(`${String(error)}\n${two.mesh.output()}`, { cause: error });
        },
      );
      for (const wrong of [
        tls('spiffe://one.test/ns/default/sa/orders'),
        tls('spiffe://two.test/ns/default/sa/ledger', 'two.test'),
        tls('spiffe://strange.test/ns/default/sa/ledger', 'strange.test'),
      ]) {
        await two.mesh.apply(objects(wrong));
        await until(async () => (await answer()).startsWith('503'), { what: `the refusal of ${wrong}` });
        await two.mesh.apply(objects(tls(right)));
        await until(async () => (await answer()).startsWith('200'), { what: 'the answer again' });
      }
    });

  for (const engine of ['weft', 'envoy'] as const)
    test(`${engine}: through a gateway of the other side, which reads the name of the service alone`, {
      skip: needs(...(engine === 'envoy' ? ['envoy'] : [])),
    }, async () => {
      const name = `ledger-${engine}`;
      const id = `spiffe://one.test/ns/default/sa/${name}`;
      const [through, upstream] = [await freePort(), await freePort()];
      await one.mesh.apply(
        [
          `{apiVersion: weft.dev/v1alpha1, kind: AccessPolicy, metadata: {name: ${name}}, spec: {targetRefs: [{name: ${name}}], action: ALLOW, rules: [{from: [{trustDomains: [one.test, two.test]}]}]}}`,
          `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: passing-${engine}}, spec: {gatewayClassName: weft, listeners: [{name: tls, protocol: TLS, port: ${through}, tls: {mode: Passthrough, options: {weft.dev/passthrough: Services}}}]}}`,
        ].join('\n---\n'),
      );
      one.mesh.gateway('--name', `passing-${engine}`, '--engine', engine);

      // In the trust domain of the service: its own server name leads there, and no other.
      const ask = async ({ socket }: Side, serverName: string): Promise<string> => {
        const args = ['get', `127.0.0.1:${through}`, id, serverName];
        const outcome = await command(toolPath('spiffe-client'), args, { SPIFFE_ENDPOINT_SOCKET: socket });
        return outcome.code === 0 ? (JSON.parse(outcome.stdout) as { said: string }).said : `failed: ${outcome.stderr}`;
      };
      const own = serviceServerName(`default/${name}`, 80, 'one.test');
      await until(async () => (await ask(one, own)).includes(one.id), { what: 'the answer within' });
      const guest = passedGuestName(`default/${name}`, 80, 'two.test');
      for (const [side, wrong] of [
        [one, serviceServerName('default/nobody', 80, 'one.test')],
        [one, serviceServerName(`default/${name}`, 81, 'one.test')],
        [one, guestServerName('two.test')],
        // Whose roots its callers are verified by the name says: those of one trust domain do not pass for the other.
        [one, guest],
        [two, own],
      ] as const)
        assert.match(await ask(side, wrong), /^failed/, wrong);

      // From the other trust domain, whose side knows the gateway, the name and whom it must reach.
      const federated = {
        trustDomain: 'one.test',
        service: { namespace: 'default', name, port: 80 },
        identities: [id],
      };
      await two.mesh.apply(
        [
          `{apiVersion: weft.dev/v1alpha1, kind: ExternalService, metadata: {name: through-${engine}}, spec: {host: through-${engine}.one.test, ports: [{port: 80, appProtocol: http}], endpoints: [{ip: 127.0.0.1, port: ${through}}]}}`,
          `{apiVersion: weft.dev/v1alpha1, kind: TrafficPolicy, metadata: {name: through-${engine}}, spec: {targetRefs: [{group: weft.dev, kind: ExternalService, name: through-${engine}}], tls: ${JSON.stringify({ federated })}}}`,
        ].join('\n---\n'),
      );
      two.mesh.run('--name', `caller-${engine}`, '--engine', engine, '--upstream', `through-${engine}=${upstream}`);
      const answer = async (): Promise<string> => {
        const { status, body } = await exchange({ port: upstream }).catch((error: unknown) => ({
          status: 0,
          body: String(error),
        }));
        return `${status} ${body.toString()}`;
      };
      const answered = (what: string, pattern: RegExp): Promise<unknown> =>
        until(async () => pattern.test(await answer()), { what, timeout: 60_000 }).catch(async (error: unknown) => {
          throw new Error(`${String(error)}; last: ${await answer()}\n${two.mesh.output()}`, { cause: error });
        });
      await answered('the answer from abroad', new RegExp(`^200 .*${name}`));

      // Who answers over there changes, and nobody here is told.
      const app = await freePort();
      const flags = ['--name', name, '--engine', engine, '--port', `${app}/http`, '--no-service'];
      const serve = ['--', '/usr/bin/env', `PORT=${app}`, `NAME=second-${engine}`, process.execPath, HELLO];
      await one.mesh.run(...flags, ...serve).matching(/ready engine/);
      await ledgers.get(engine)?.stop();
      await answered('the second workload', new RegExp(`^200 .*second-${engine}`));

      // What is no longer exported is no longer there.
      await one.mesh.apply(
        `{apiVersion: v1, kind: Service, metadata: {name: ${name}}, spec: {selector: {app: ${name}}, ports: [{name: http, port: 80, appProtocol: http}]}}`,
      );
      await answered('the end', /^503/);
    });

  test('no longer federated: nobody of it is believed', async () => {
    await one.federate();
    await until(async () => (await one.roots()).join() === 'one.test', { what: 'the end' });
  });

  test('a trust domain stays what it is', async () => {
    const again = await one.mesh.weft('up', '--data', two.mesh.data, '--listen', '127.0.0.1:0', '--trust-domain', 'B');
    assert.equal(again.code, 2);
    assert.match(again.stderr, /--trust-domain takes/);
  });
});
