/**
 * The Mesh's word on tracing, in front of a collector: one trace over the hops of our engine, Envoy and our engine again, parents right on the
 * whole way; what is kept for how it ended; what Envoy cannot do is said.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { TraceDocument, TracesDocument } from '@weft/core/documents';
import { MIDDLE, ServiceChain } from '@weft/testkit/chain';
import { exchange } from '@weft/testkit/http-client';
import { TestMesh } from '@weft/testkit/mesh';
import { type CollectedSpan, SpanCollector } from '@weft/testkit/services';
import { until } from '@weft/testkit/wait';

/** Both engines flush after 5 s at the latest; a busy machine takes longer. */
const FLUSHED = { timeout: 60_000 };

const meshWith = (tracing: string): string => `
apiVersion: weft.dev/v1alpha1
kind: Mesh
metadata: { name: default }
spec:
  trustDomain: weft.local
  tracing: ${tracing}
`;

describe('tracing of a mesh', () => {
  const mesh = new TestMesh();
  const collector = new SpanCollector();
  const services = new ServiceChain();
  let entry = 0;

  /** Spans of the request to that path, when they are as many. */
  const spansOf = async (path: string, count: number): Promise<CollectedSpan[]> => {
    const own = (): CollectedSpan[] => collector.spans.filter(({ tags }) => String(tags['http.url']).includes(path));
    await until(() => own().length >= count, FLUSHED).catch(() => undefined);
    assert.equal(own().length, count, `${JSON.stringify(own(), undefined, 1)}\n${mesh.output()}`);
    return own();
  };
  /** The configuration has arrived when what it asks for happens. */
  const until200 = async (path: string, wanted: () => boolean): Promise<void> => {
    await until(async () => {
      await exchange({ port: entry }, { path });
      return wanted();
    }, FLUSHED);
  };

  before(async () => {
    await collector.start();
    await mesh.up();
    await mesh.apply(meshWith(`{ endpoint: "http://127.0.0.1:${collector.grpcPort}", sampling: "100" }`));
    entry = await services.start(mesh);
  });

  after(async () => {
    await mesh[Symbol.asyncDispose]();
    services[Symbol.dispose]();
    await collector.stop();
  });

  test('one trace over all hops: each span is the child of the one before it, named and told of by the conventions', async () => {
    assert.equal((await exchange({ port: entry }, { path: '/chain?q=1' })).status, 200);
    const spans = await spansOf('/chain', 4);
    const [trace] = spans.map((span) => span.trace);
    const chain: CollectedSpan[] = [];
    for (let parent: string | undefined; chain.length < 4; parent = chain.at(-1)?.id) {
      const next = spans.find((span) => span.parent === parent && span.trace === trace);
      assert.ok(next !== undefined, JSON.stringify(spans, undefined, 1));
      chain.push(next);
    }
    assert.deepEqual(
      chain.map(({ kind, resource, name }) => [resource['service.name'], kind, name]),
      [
        ['web', 'SPAN_KIND_CLIENT', 'GET'],
        ['middle', 'SPAN_KIND_SERVER', 'GET'],
        ['middle', 'SPAN_KIND_CLIENT', 'GET'],
        ['back', 'SPAN_KIND_SERVER', 'GET'],
      ],
    );
    for (const { tags, resource } of chain) {
      assert.equal(resource['service.namespace'], 'default');
      assert.deepEqual(
        ['http.request.method', 'http.response.status_code', 'url.path', 'url.scheme'].map((name) => tags[name]),
        ['GET', '200', '/chain', 'http'],
        JSON.stringify(tags),
      );
    }
    // Of our engine on both sides of the one in the middle, which speaks weft/1 with its like.
    const version = MIDDLE === 'envoy' ? '1.1' : '2';
    for (const { tags, kind, resource } of chain.filter((span) => span.resource['service.name'] !== 'middle')) {
      const client = kind === 'SPAN_KIND_CLIENT';
      assert.deepEqual(
        ['server.address', 'network.protocol.version', 'network.peer.address', 'url.full', 'client.address'].map(
          (name) => tags[name],
        ),
        client
          ? ['127.0.0.1', version, '127.0.0.1', `http://127.0.0.1:${entry}/chain`, undefined]
          : ['localhost', version, '127.0.0.1', undefined, '127.0.0.1'],
        `${resource['service.name']}: ${JSON.stringify(tags)}`,
      );
      assert.equal(tags['error.type'], undefined);
    }
    assert.deepEqual(
      chain.map(({ tags }) => tags['weft.peer.identity']),
      ['middle', 'web', 'back', 'middle'].map((name) => `spiffe://weft.local/ns/default/sa/${name}`),
    );
  });

  test('a caller who began a trace is followed, whether it samples or not', async () => {
    const trace = (digit: string): string => `00-${digit.repeat(32)}-${digit.repeat(16)}`;
    await exchange({ port: entry }, { path: '/unsampled', headers: { traceparent: `${trace('a')}-00` } });
    await exchange({ port: entry }, { path: '/sampled', headers: { traceparent: `${trace('b')}-01` } });
    const spans = await spansOf('/sampled', 4);
    assert.deepEqual(new Set(spans.map((span) => span.trace)), new Set(['b'.repeat(32)]));
    assert.equal(spans.filter(({ parent }) => parent === 'b'.repeat(16)).length, 1);
    await spansOf('/unsampled', 0);
  });

  test('kept for how they ended: by our engine; what Envoy cannot do is a finding, and its spans are not there', async () => {
    await mesh.apply(
      meshWith(
        `{ endpoint: "http://127.0.0.1:${collector.grpcPort}", sampling: "0", tail: { errors: true }, headers: [W3C, B3], rules: [{ pathPrefix: /always, sampling: "100" }] }`,
      ),
    );
    // What is unsampled at its first hop and kept for its end at each of ours has met the new configuration everywhere.
    const ours = MIDDLE === 'envoy' ? ['web', 'back'] : ['web', 'middle', 'back'];
    await until200('/settled?status=503', () => {
      const keepers = collector.spans
        .filter(({ tags }) => tags['url.path'] === '/settled' && tags['weft.kept'] === 'error')
        .map(({ resource }) => resource['service.name']);
      return ours.every((name) => keepers.includes(name));
    });
    await until200('/always', () => collector.spans.some(({ tags }) => tags['url.path'] === '/always'));
    const answer = await exchange({ port: entry }, { path: '/fails?status=503' });
    assert.equal(answer.status, 503);
    assert.match(answer.body.toString(), /"traceparent":"00-[0-9a-f]{32}-[0-9a-f]{16}-00"/);
    await exchange({ port: entry }, { path: '/fine' });
    const kept = await spansOf('/fails', MIDDLE === 'envoy' ? 2 : 4);
    assert.ok(kept.every(({ tags, flags }) => tags['weft.kept'] === 'error' && (Number(flags) & 1) === 0));
    assert.deepEqual(new Set(kept.map(({ tags }) => tags['error.type'])), new Set(['503']));
    assert.equal(new Set(kept.map(({ trace }) => trace)).size, 1);
    await spansOf('/fine', 0);
    const { stdout } = await mesh.weft('check', '-o', 'json');
    if (MIDDLE === 'envoy')
      for (const field of ['rules', 'tail', 'headers']) assert.match(stdout, new RegExp(`spec\\.tracing\\.${field}`));
  });

  test('the same to other collectors while requests go on: OTLP over HTTP, Zipkin', async () => {
    for (const [path, rest] of [
      ['/http', 'protocol: Http'],
      ['/zipkin', 'provider: Zipkin'],
    ] as const) {
      await mesh.apply(meshWith(`{ endpoint: "http://127.0.0.1:${collector.httpPort}", sampling: "100", ${rest} }`));
      // Each request has a path of its own: until the configuration is everywhere they are told of in the old way too.
      const number = new RegExp(`${path}/(\\d+)/`);
      const arrived = (): readonly CollectedSpan[][] => [
        ...Map.groupBy(collector.spans, ({ tags }) => number.exec(String(tags['http.url']))?.[1] ?? '').values(),
      ];
      const isWhole = (spans: readonly CollectedSpan[]): boolean =>
        spans.length === 4 &&
        new Set(spans.map(({ resource }) => resource['service.name'])).size === 3 &&
        spans.every(({ kind }) => String(kind).startsWith('SPAN_KIND') === (path === '/http'));
      let sent = 0;
      await until(async () => {
        sent += 1;
        await exchange({ port: entry }, { path: `${path}/${sent}/` });
        return arrived().some(isWhole);
      }, FLUSHED);
      collector.spans.length = 0;
    }
  });

  test('without a collector the control plane keeps them: listed, found by what they are, shown span by span', async () => {
    await mesh.apply(meshWith('{ sampling: "100" }'));
    const list = async (...flags: string[]): Promise<readonly TraceDocument[]> => {
      const { code, stdout, stderr } = await mesh.weft('traces', '-o', 'json', ...flags);
      assert.equal(code, 0, stderr);
      return (JSON.parse(stdout) as TracesDocument).traces;
    };
    const whole = (path: string, found: readonly TraceDocument[]): TraceDocument | undefined =>
      found.find(
        ({ spans }) =>
          spans.length === 4 && spans.every(({ attributes }) => new Map(attributes).get('url.path') === path),
      );
    await until(async () => {
      await exchange({ port: entry }, { path: '/kept?secret=1' });
      return whole('/kept', await list()) !== undefined;
    }, FLUSHED).catch((error: unknown) => assert.fail(`${String(error)}\n${mesh.output()}`));
    await exchange({ port: entry }, { path: '/broken?status=500' });
    await until(async () => whole('/broken', await list('--errors')) !== undefined, FLUSHED);
    const found = whole('/broken', await list('--errors', '--workload', 'back'));
    assert.ok(found !== undefined);
    assert.deepEqual(
      found.spans.map(({ workload, kind }) => `${workload} ${kind}`),
      ['web client', 'middle server', 'middle client', 'back server'],
    );
    assert.equal(whole('/kept', await list('--errors')), undefined);
    assert.equal((await list('--workload', 'nobody')).length, 0);
    assert.equal((await list('--slower-than', '59s')).length, 0);
    const shown = await mesh.weft('trace', found.id.slice(0, 16));
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /→ default\/web +GET \/broken +500/);
    assert.match(shown.stdout, /\n {6}● default\/back +GET \/broken +500/);
    assert.doesNotMatch(shown.stdout, /secret|parent is not here/);
    assert.match((await mesh.weft('traces')).stdout, /GET [^ ]*\/broken +500/);
    assert.equal((await mesh.weft('trace', '0123456789abcdef')).code, 1);
  });

  test('without the section nothing is traced', async () => {
    await mesh.apply(meshWith('null').replace('  tracing: null\n', ''));
    await until(async () => {
      const { body } = await exchange({ port: entry }, { path: '/none' });
      return !body.toString().includes('traceparent') && !body.toString().includes('b3-traceid');
    }, FLUSHED);
  });
});
