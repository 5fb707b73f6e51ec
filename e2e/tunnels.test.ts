/**
 * WebSocket and CONNECT through every pairing of protocols (Upgrade of HTTP/1.1, extended CONNECT of RFC 8441), on our engine and on Envoy:
 * every octet of a set of right and wrong frames arrives unchanged both ways (row 47 of the attack list, passed through), half-closes and
 * resets go on as what they are, nothing passes before the tunnel is granted, and a slow reader costs no memory.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { type RunningEngine, residentKib, startEngine } from '@weft/testkit/engine';
import { temporaryFolder } from '@weft/testkit/folder';
import { pairingBootstrap, pairingCertificates, pairingListener } from '@weft/testkit/pairing';
import { needs } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { digestOf, frameSet, open1, open2, type OpenInput, type Opened, TunnelBackend } from '@weft/testkit/websocket';

const UP = ['h1', 'h2'] as const;
const DOWN = ['h1', 'auto', 'h2', 'tls'] as const;
type Down = (typeof DOWN)[number];

const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Collects until the stream ends or breaks. */
class Collected {
  readonly chunks: Buffer[] = [];
  octets = 0;
  ended = false;
  broken = false;
  readonly done: Promise<void>;

  constructor(stream: Duplex) {
    stream.on('data', (chunk: Buffer) => {
      this.chunks.push(chunk);
      this.octets += chunk.length;
    });
    this.done = new Promise((resolve) => {
      stream.once('end', () => {
        this.ended = true;
        resolve();
      });
      stream.once('error', () => (this.broken = true));
      stream.once('close', () => resolve());
      stream.resume();
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

for (const engine of ['weft', 'envoy'] as const) {
  describe(`tunnels on ${engine}`, {
    skip: needs(...(engine === 'envoy' ? ['envoy', 'openssl'] : ['openssl'])),
  }, () => {
    const folder = temporaryFolder();
    const backend = new TunnelBackend();
    /** Behind CONNECT: gives back what it gets, and ends when its client does. */
    const raw = net.createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      socket.pipe(socket);
    });
    let running: RunningEngine | undefined;
    before(async () => {
      const backends = await backend.start();
      raw.listen(0, '127.0.0.1');
      await once(raw, 'listening');
      const bootstrap = pairingBootstrap({
        backends,
        tunnel: (raw.address() as AddressInfo).port,
        certificates: pairingCertificates(folder.path),
      });
      running = await startEngine({ engine, folder: folder.path, name: engine, bootstrap });
    });
    after(async () => {
      backend.stop();
      await running?.stop();
      raw.close();
      folder[Symbol.dispose]();
    });

    const open = (down: Down, up: (typeof UP)[number], input: Omit<OpenInput, 'port'>): Promise<Opened> => {
      const port = running?.port(pairingListener(down, up)) ?? 0;
      return down === 'h1' ? open1({ ...input, port }) : open2({ ...input, port }, down === 'tls');
    };

    for (const down of DOWN) {
      for (const up of UP) {
        test(`${down} to ${up}: frames of every kind, unchanged both ways, then the ends`, {}, async () => {
          const client = await open(down, up, { path: '/frames', key: 'dGhlIHNhbXBsZSBub25jZQ==' });
          assert.equal(client.status, down === 'h1' ? 101 : 200);
          const server = await backend.next();
          const forth = Buffer.concat(frameSet(true).map(([, octets]) => octets));
          const back = Buffer.concat(frameSet(false).map(([, octets]) => octets));
          const atServer = new Collected(server.stream);
          const atClient = new Collected(client.stream);
          client.stream.write(forth);
          server.stream.write(back);
          await until(() => atServer.octets >= forth.length && atClient.octets >= back.length, { what: 'all octets' });
          assert.equal(sha(atServer.bytes), sha(forth));
          assert.equal(sha(atClient.bytes), sha(back));
          if (engine === 'envoy' && (down === 'h1' || up === 'h1')) {
            // Envoy takes a half-close of HTTP/1.1 for the end of both directions, or does not pass it on.
            client.close();
            return;
          }
          // A half-close of the client's: the backend may go on.
          client.stream.end();
          await until(() => atServer.ended, { what: 'the end at the backend' });
          server.stream.end('last words');
          await atClient.done;
          assert.equal(atClient.bytes.subarray(back.length).toString(), 'last words');
          assert.ok(atClient.ended && !atClient.broken);
          client.close();
        });

        test(`${down} to ${up}: what comes early waits for the grant, and does not pass without`, async () => {
          const early = await open(down, up, { path: '/early', early: Buffer.from('early') });
          const server = await backend.next();
          const atServer = new Collected(server.stream);
          await until(() => atServer.octets === 5, { what: 'the early octets' });
          early.close();
          backend.refusal = () => ({ status: 403, body: 'no' });
          const refused = await open(down, up, { path: '/refused', early: Buffer.from('GET /evil HTTP/1.1\r\n\r\n') });
          backend.refusal = () => undefined;
          assert.equal(refused.status, 403);
          const body = new Collected(refused.stream);
          await until(() => body.octets >= 2, { what: 'the refusal' });
          assert.match(body.bytes.toString(), /^(?:2\r\n)?no/);
          refused.close();
        });

        test(`${down} to ${up}: a cut on either side cuts the other`, async () => {
          for (const cutter of ['client', 'server'] as const) {
            const client = await open(down, up, { path: '/cut' });
            const server = await backend.next();
            const atServer = new Collected(server.stream);
            const atClient = new Collected(client.stream);
            client.stream.write('x');
            await until(() => atServer.octets === 1);
            if (cutter === 'client') client.cut();
            else server.cut();
            const other = cutter === 'client' ? atServer : atClient;
            await until(() => other.broken || other.ended, { what: 'the cut' });
            await other.done;
            client.close();
          }
        });
      }

      test(`${down}: CONNECT to a TCP port`, async () => {
        const client = await open(down, 'h1', { path: '', connect: 'any.test:443', early: Buffer.from('hello ') });
        assert.equal(client.status, 200);
        const got = new Collected(client.stream);
        const more = Buffer.alloc(300_000, 7);
        client.stream.write(more);
        await until(() => got.octets === 6 + more.length, { what: 'the echo' });
        // Envoy takes a half-close of HTTP/1.1 for the end of both directions.
        if (engine === 'weft') {
          client.stream.end();
          await got.done;
        }
        assert.equal(sha(got.bytes), sha(Buffer.concat([Buffer.from('hello '), more])));
        client.close();
      });
    }

    test('HTTP/2 clients and backends have neither key nor digest; HTTP/1.1 ones get theirs', async () => {
      const native = await open('auto', 'h1', { path: '/key' });
      const server = await backend.next();
      if (engine === 'weft') {
        assert.equal(Buffer.from(server.headers['sec-websocket-key'] ?? '', 'base64').length, 16);
        assert.equal(native.headers['sec-websocket-accept'], undefined);
      }
      native.close();
      const old = await open('h1', 'h2', { path: '/key', key: 'dGhlIHNhbXBsZSBub25jZQ==' });
      await backend.next();
      if (engine === 'weft') assert.equal(old.headers['sec-websocket-accept'], digestOf('dGhlIHNhbXBsZSBub25jZQ=='));
      old.close();
    });

    for (const [down, up] of [
      ['h1', 'h1'],
      ['auto', 'h2'],
      ['auto', 'h1'],
      ['h1', 'h2'],
    ] as const) {
      if (engine === 'envoy' && down !== 'h1') continue;
      test(`${down} to ${up}: a client that does not read stops the backend, and memory stays`, async () => {
        const pid = running?.process.pid ?? 0;
        const start = residentKib(pid).now;
        const client = await open(down, up, { path: '/slow' });
        const server = await backend.next();
        let sent = 0;
        const chunk = Buffer.alloc(65_536, 1);
        const total = 64 * 1024 * 1024;
        const push = (): void => {
          while (sent < total) {
            sent += chunk.length;
            if (!server.stream.write(chunk)) return;
          }
          server.stream.end();
        };
        server.stream.on('drain', push);
        push();
        let last = -1;
        // It stands still: no progress in three looks one after the other.
        let still = 0;
        await until(
          () => {
            still = sent === last ? still + 1 : 0;
            last = sent;
            return still >= 8;
          },
          { what: 'the backend stopped' },
        );
        assert.ok(sent < total / 2, `${sent} octets went into a client that reads nothing`);
        const grown = residentKib(pid).now - start;
        assert.ok(grown < 32 * 1024, `${grown} KiB more`);
        const got = new Collected(client.stream);
        await until(() => got.octets === total, { what: 'all octets after all' });
        client.close();
      });
    }
  });
}
