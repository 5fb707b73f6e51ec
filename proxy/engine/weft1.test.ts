/** The hop between two engines as streams of few connections (`weft/1`): what applications and callers see must be what HTTP/1.1 shows them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Cluster, FilterChain, PeerValidation } from '@weft/core/proxy-config';
import { exchange, exchangeHttp2, exchangeRaw } from '@weft/testkit/http-client';
import { until } from '@weft/testkit/wait';
import { TestAuthority } from '../testing/certificates.ts';
import { chain, cluster, endpoint, endpointSet, listener, manager, routeTable } from '../testing/config.ts';
import { config, startEngine, type TestEngine } from '../testing/engines.ts';
import { Load } from '../testing/load.ts';

const authority = new TestAuthority();
const OWN = { kind: 'sds', name: 'OWN', sdsCluster: undefined } as const;
const ROOTS = [{ name: 'ROOTS', roots: authority.pem }];
const validation: PeerValidation = {
  trust: { kind: 'sds', name: 'ROOTS', sdsCluster: undefined },
  subjectAltNames: [],
  pins: undefined,
  crl: undefined,
};
const tls = (alpnProtocols: readonly string[]) =>
  ({
    kind: 'tls',
    certificates: [OWN],
    validation,
    alpnProtocols,
    parameters: { minimumVersion: 'auto', maximumVersion: 'auto', cipherSuites: [], ecdhCurves: [] },
  }) as const;
const STREAMS = 100;
const HTTP10 = { acceptHttp10: true, defaultHostForHttp10: 'localhost', enableTrailers: true, allowAbsoluteUrl: true };
const auto = (streams: number): Cluster['protocol'] => ({
  kind: 'auto',
  enableTrailers: true,
  options: {
    maxConcurrentStreams: streams,
    initialStreamWindowSize: 65_536,
    initialConnectionWindowSize: streams * 65_536,
    allowConnect: false,
  },
});
const certificate = () => authority.leaf({ uris: ['spiffe://mesh.test/ns/shop/sa/any'] });

/** `/wait` answers when `release` is called; `/half` breaks in the middle of its answer; `/flood` has no end, and counts in `sent`. */
class App {
  readonly waiting: http.ServerResponse[] = [];
  readonly versions = new Set<string>();
  aborted = 0;
  sent = 0;
  readonly server = http.createServer((request, response) => {
    this.versions.add(request.httpVersion);
    response.on('close', () => {
      if (!response.writableEnded) this.aborted += 1;
    });
    if (request.url === '/wait') this.waiting.push(response);
    else if (request.url === '/flood') {
      const chunk = Buffer.alloc(65_536);
      const more = (): void => {
        do this.sent += chunk.length;
        while (response.write(chunk));
      };
      response.on('drain', more);
      more();
    } else if (request.url === '/half') {
      response.writeHead(200);
      response.write('half', () => response.destroy());
    } else {
      request.resume().on('end', () => response.end(`${request.method} ${request.url}`));
    }
  });

  static async start(context: TestContext): Promise<App> {
    const app = new App();
    app.server.on('upgrade', (request, socket) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ${request.headers.upgrade}\r\n\r\n`,
      );
      socket.on('error', () => undefined).pipe(socket);
    });
    app.server.listen(0, '127.0.0.1');
    await once(app.server, 'listening');
    context.after(() => {
      app.server.closeAllConnections();
      app.server.close();
    });
    return app;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  release(): void {
    for (const response of this.waiting.splice(0)) response.end('released');
  }
}

/** `generation` makes a chain another one. */
const inboundConfig = (app: number, alpn: readonly string[], generation = 0) => {
  const terminal = manager({ kind: 'rds', name: 'in' }, { upgrades: ['websocket'] });
  const transport: FilterChain['transport'] = { ...tls(alpn), requireClientCertificate: true };
  return config({
    listeners: [
      listener('in', [chain('mtls', {}, { transport, terminal, transportConnectTimeout: 9000 + generation })]),
    ],
    routes: [routeTable('in', 'app')],
    clusters: [cluster('app')],
    endpoints: [endpointSet('app', [endpoint(app)])],
    trustBundles: ROOTS,
  });
};

const inbound = (
  context: TestContext,
  app: App,
  alpn: readonly string[] = ['weft/1', 'http/1.1'],
): Promise<TestEngine> =>
  startEngine(context, inboundConfig(app.port, alpn), {}, (secrets) => secrets.setCertificate('OWN', certificate()));

const outbound = (context: TestContext, to: readonly number[], streams = STREAMS): Promise<TestEngine> =>
  startEngine(
    context,
    config({
      listeners: [
        listener('out', [
          chain(
            'http',
            {},
            { terminal: manager({ kind: 'rds', name: 'out' }, { upgrades: ['websocket'], http1: HTTP10 }) },
          ),
        ]),
      ],
      routes: [routeTable('out', 'orders')],
      clusters: [
        cluster('orders', {
          protocol: auto(streams),
          transport: { ...tls(['weft/1', 'http/1.1']), sni: 'orders.test', sniFromEndpoint: false, sanFromSni: false },
        }),
      ],
      endpoints: [
        endpointSet(
          'orders',
          to.map((port) => endpoint(port)),
        ),
      ],
      trustBundles: ROOTS,
    }),
    {},
    (secrets) => secrets.setCertificate('OWN', certificate()),
  );

const handshakes = ({ engine }: TestEngine): number =>
  engine.listeners.get('in')?.runtime.stats.handshakes.value ?? Number.NaN;

test('exchanges are streams of one connection until its streams are used up; the application gets HTTP/1.1', async (context) => {
  const app = await App.start(context);
  const server = await inbound(context, app);
  const { port } = await outbound(context, [server.port('in')]);
  const answers = Array.from({ length: STREAMS }, () => exchange({ port: port('out') }, { path: '/wait' }));
  await until(() => app.waiting.length === STREAMS);
  assert.equal(handshakes(server), 1);
  const more = exchangeHttp2({ port: port('out') }, { path: '/wait' });
  await until(() => app.waiting.length === STREAMS + 1);
  assert.equal(handshakes(server), 2);
  app.release();
  for (const { status, body } of await Promise.all([...answers, more]))
    assert.equal(`${status} ${body.toString()}`, '200 released');
  assert.deepEqual([...app.versions], ['1.1']);
});

test('a peer that knows no weft/1 is spoken to in HTTP/1.1, and asked again when no connection is left', async (context) => {
  const app = await App.start(context);
  const server = await inbound(context, app, ['h2', 'http/1.1']);
  const web = await outbound(context, [server.port('in')]);
  const answers = Array.from({ length: 5 }, () => exchange({ port: web.port('out') }, { path: '/wait' }));
  await until(() => app.waiting.length === 5);
  assert.equal(handshakes(server), 5);
  app.release();
  await Promise.all(answers);
  // The same address learns weft/1: the old chain's connections close, the next one is asked.
  await server.engine.apply(inboundConfig(app.port, ['weft/1', 'http/1.1']));
  const [orders] = web.engine.clusters.get('orders')?.endpoints.values() ?? [];
  orders?.pool?.drain();
  const before = handshakes(server);
  const later = Array.from({ length: 5 }, () => exchange({ port: web.port('out') }, { path: '/wait' }));
  await until(() => app.waiting.length === 5);
  assert.equal(handshakes(server) - before, 1);
  app.release();
  await Promise.all(later);
});

test('an endpoint in plaintext has no ALPN: HTTP/1.1', async (context) => {
  const app = await App.start(context);
  const { port } = await startEngine(
    context,
    config({
      listeners: [listener('out', [chain('http', {}, { terminal: manager({ kind: 'rds', name: 'out' }) })])],
      routes: [routeTable('out', 'orders')],
      clusters: [cluster('orders', { protocol: auto(STREAMS) })],
      endpoints: [endpointSet('orders', [endpoint(app.port)])],
    }),
  );
  const all = Array.from({ length: 20 }, () => exchange({ port: port('out') }, { method: 'POST', body: 'x' }));
  for (const { status, body } of await Promise.all(all)) assert.equal(`${status} ${body.toString()}`, '200 POST /');
  assert.deepEqual([...app.versions], ['1.1']);
});

test('an upgrade travels on an HTTP/1.1 connection beside', async (context) => {
  const app = await App.start(context);
  const server = await inbound(context, app);
  const web = await outbound(context, [server.port('in')]);
  assert.equal((await exchange({ port: web.port('out') })).status, 200);
  const socket = net.connect({ port: web.port('out'), host: '127.0.0.1' });
  context.after(() => socket.destroy());
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  await until(() => text.includes('\r\n\r\n'));
  assert.match(text, /^HTTP\/1\.1 101 /);
  socket.write('through the tunnel');
  await until(() => text.endsWith('through the tunnel'));
  assert.equal((await exchange({ port: web.port('out') })).status, 200);
  assert.equal(handshakes(server), 2);
});

test('what breaks at one end is seen as broken at the other', async (context) => {
  const app = await App.start(context);
  const server = await inbound(context, app);
  const { port } = await outbound(context, [server.port('in')]);
  await assert.rejects(exchange({ port: port('out') }, { path: '/half' }), /aborted|socket hang up|ECONNRESET/);
  const raw = (await exchangeRaw({ port: port('out') }, 'GET /half HTTP/1.1\r\nhost: x\r\n\r\n')).toString();
  assert.doesNotMatch(raw, /\r\n0\r\n\r\n$/);
  const before = app.aborted;
  const leaving = http.get({ port: port('out'), host: '127.0.0.1', path: '/wait', agent: false });
  leaving.on('error', () => undefined);
  await until(() => app.waiting.length === 1);
  leaving.destroy();
  await until(() => app.aborted === before + 1);
  assert.equal((await exchange({ port: port('out') })).status, 200);
  assert.equal(handshakes(server), 1, 'the connection is not to blame');
});

test('HTTP/1.0, HEAD, Expect and an unfinished body keep their meaning', async (context) => {
  const app = await App.start(context);
  const server = await inbound(context, app);
  const { port } = await outbound(context, [server.port('in')]);
  const raw = async (text: string) => (await exchangeRaw({ port: port('out') }, text, 500)).toString();
  assert.match(await raw('HEAD /h HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'), /^HTTP\/1\.1 200 [^]*\r\n\r\n$/);
  const expecting =
    'PUT /e HTTP/1.1\r\nhost: x\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n';
  assert.match(await raw(expecting), /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  assert.match(await raw(`${expecting}ok`), /^HTTP\/1\.1 200 [^]*PUT \/e$/);
  assert.match(await raw('GET /old HTTP/1.0\r\n\r\n'), /^HTTP\/1\.[01] 200 [^]*GET \/old$/);
  await until(() => app.aborted === 1);
  const unfinished = net.connect({ port: port('out'), host: '127.0.0.1' });
  unfinished.on('error', () => undefined);
  unfinished.write('PUT /u HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf', () => unfinished.destroy());
  await until(() => app.aborted === 2);
});

test('clients that do not read stop their own streams only, and what is held for them is bounded', async (context) => {
  const app = await App.start(context);
  const server = await inbound(context, app);
  const { port } = await outbound(context, [server.port('in')], 8);
  const slow = Array.from({ length: 7 }, () => {
    const socket = net.connect({ port: port('out'), host: '127.0.0.1' });
    context.after(() => socket.destroy());
    socket.on('error', () => undefined).pause();
    socket.write('GET /flood HTTP/1.1\r\nhost: x\r\n\r\n');
    return socket;
  });
  let before = -1;
  await until(
    async () => {
      const still = before === app.sent && app.sent > 0;
      before = app.sent;
      assert.equal((await exchange({ port: port('out') })).status, 200);
      return still;
    },
    { what: 'the floods to stand' },
  );
  assert.equal(handshakes(server), 1);
  // Mostly kernel buffers: of two sockets for each.
  assert.ok(app.sent / slow.length < 24 * 1_048_576, `${app.sent / slow.length} octets for each`);
});

test('certificates rotate and the called side swaps its chain under load: no failed exchange', async (context) => {
  const app = await App.start(context);
  const server = await inbound(context, app);
  const web = await outbound(context, [server.port('in')]);
  const load = new Load(8, async () => {
    const { status } = await exchange({ port: web.port('out') }, { method: 'POST', body: 'x' });
    assert.equal(status, 200);
  });
  for (let round = 1; round <= 10; round += 1) {
    server.secrets.setCertificate('OWN', certificate());
    web.secrets.setCertificate('OWN', certificate());
    await server.engine.apply(inboundConfig(app.port, ['weft/1', 'http/1.1'], round));
    await load.more(20);
  }
  await load.stop();
});

test('an endpoint that goes under load: what may be repeated does not fail', async (context) => {
  const app = await App.start(context);
  const [first, second] = [await inbound(context, app), await inbound(context, app)];
  const web = await outbound(context, [first.port('in'), second.port('in')]);
  const load = new Load(8, async () => {
    assert.equal((await exchange({ port: web.port('out') })).status, 200);
  });
  await load.more(50);
  first.engine.stop();
  await load.more(200);
  await load.stop();
});
