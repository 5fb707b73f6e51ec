/** Hot restart of `weft proxy`: the listening sockets pass from process to process, and nobody who calls notices. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import http2 from 'node:http2';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { EchoServer } from '@weft/testkit/echo';
import { temporaryFolder } from '@weft/testkit/folder';
import { exchange } from '@weft/testkit/http-client';
import { DatagramServer } from '@weft/testkit/streams';
import { until } from '@weft/testkit/wait';
import { Caller, Datagrams, lives, ProxyUnderRestart } from './hot-restart/proxy-under-restart.ts';

for (const concurrency of [1, 2]) {
  describe(`hot restart, ${concurrency} thread(s)`, () => {
    const folder = temporaryFolder();
    const echo = new EchoServer('a');
    const datagrams = new DatagramServer('udp');
    let proxy: ProxyUnderRestart;

    before(async () => {
      const backends = { http: await echo.start(), udp: await datagrams.start() };
      proxy = await ProxyUnderRestart.start(folder.path, backends, concurrency);
    });
    after(async () => {
      await proxy.stop();
      await echo.stop();
      await datagrams.stop();
      folder[Symbol.dispose]();
    });

    test('several restarts under load: every request is answered, over kept and new connections, TCP, Unix and UDP', async () => {
      const tcp = { port: proxy.port };
      const unix = { socketPath: proxy.unixPath };
      const byHttp = [new Caller(tcp, true), new Caller(tcp, true), new Caller(tcp, false), new Caller(unix, false)];
      const callers = [...byHttp, new Datagrams(proxy.udpPort)];
      const answers = (): number => byHttp.reduce((sum, { ok }) => sum + ok, 0);
      const more = async (): Promise<void> => {
        const wanted = answers() + 100;
        await until(() => answers() >= wanted, { what: '100 more answers' });
      };
      try {
        for (let restarts = 0; restarts < 3; restarts++) {
          await more();
          await proxy.restart();
        }
        await more();
      } finally {
        for (const caller of callers) await caller.stop();
      }
      for (const { failures, ok } of callers) {
        assert.deepEqual(failures, []);
        assert.ok(ok > 20);
      }
      assert.equal(await proxy.stat('http.front.downstream_rq_total'), answers());
      assert.equal(await proxy.stat('server.hot_restart_epoch'), 3);
    });

    test('an exchange that is under way ends where it began; HTTP/2 is told to go', async () => {
      const session = http2.connect(`http://127.0.0.1:${proxy.port}`);
      await once(session, 'connect');
      const goaway = once(session, 'goaway');
      // It is under way until its body ends.
      const stream = session.request({ ':method': 'POST', ':path': '/' }, { endStream: false });
      const answer = once(stream, 'response');
      await until(async () => (await proxy.stat('cluster.http.upstream_rq_active')) === 1, { what: 'the request' });
      const restarted = proxy.restart();
      await goaway;
      stream.end();
      const [headers] = (await answer) as [http2.IncomingHttpHeaders];
      assert.equal(headers[':status'], 200);
      session.destroy();
      await restarted;
    });

    test('a bootstrap that is refused, and an address in use, leave the old process serving', async () => {
      const { pid } = proxy;
      const failed = (): number => proxy.first.stderr.split('hot restart: the new process failed').length - 1;
      proxy.writeText('{"static_resources": 1}');
      proxy.hangUp();
      await until(() => failed() === 1, { what: 'the refusal' });
      const other = createServer().listen(proxy.secondPort, '127.0.0.1');
      await once(other, 'listening');
      const caller = new Caller({ port: proxy.port }, false);
      proxy.write(proxy.secondPort);
      proxy.hangUp();
      try {
        await until(() => failed() === 2, { what: 'the second refusal' });
      } finally {
        await caller.stop();
      }
      assert.deepEqual(caller.failures, []);
      assert.match(proxy.first.stderr, /is in use by another process/);
      assert.equal(proxy.pid, pid);
      assert.ok(lives(pid));
      other.close();
      await once(other, 'close');
      await proxy.restart();
      assert.equal((await exchange({ port: proxy.secondPort })).status, 200);
      proxy.write();
      await proxy.restart();
      await assert.rejects(exchange({ port: proxy.secondPort }));
    });

    test('the end of the last process takes its files with it', async () => {
      await proxy.stop();
      assert.equal(existsSync(proxy.unixPath), false);
      assert.equal(existsSync(proxy.admin.socketPath), false);
      assert.equal(proxy.pid, 0);
    });
  });
}
