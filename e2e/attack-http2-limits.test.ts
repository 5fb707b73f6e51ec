/**
 * Attacks over HTTP/2 by amount (rows 35 to 39, 42 to 44 of the attack list), by an own writer of frames against the running engine: what ends
 * the connection, how much memory it costs, and what good traffic beside it notices (CPU: attack-costs.test.ts).
 */
import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { residentKib, useChain } from '@weft/testkit/attacks';
import { FLOODS } from '@weft/testkit/attacks-http2';
import { ACK, type Fields, GOOD, Http2Peer, uint32 } from '@weft/testkit/http2-frames';
import { until } from '@weft/testkit/wait';

const PROBE: Fields = GOOD.map(([name, value]) => [name, name === ':path' ? '/probe' : value]);

describe('HTTP/2 attacks by amount', () => {
  const chain = useChain(1);
  const pid = (): number => chain().engines[0]?.pid ?? 0;
  beforeEach(() => chain().recorder.reset());

  const open = (listener = 'safe', own: readonly (readonly [number, number])[] = []): Promise<Http2Peer> =>
    Http2Peer.connect(chain().port(listener), own);

  for (const { row, name, octets, goAway } of FLOODS) {
    test(`${row}: ${name}`, async () => {
      const bytes = octets();
      // Fresh and reused: after a good request on a stream that the flood does not touch, where its numbers allow that.
      const client = await open();
      client.write(bytes);
      if (goAway === undefined) {
        assert.ok(await client.until(() => client.isComplete(1) || client.resetOf(1) >= 0 || client.state !== 'open'));
        assert.notEqual(client.status(1), 200, 'it went through');
      } else {
        assert.ok(await client.closed(), `still open; ${client.frames.length} frames`);
        assert.equal(client.goAway, goAway);
      }
      client.destroy();
      // What we said while it went on is no amplification.
      assert.ok(client.octets <= 10 * bytes.length, `${client.octets} octets for ${bytes.length}`);
      const good = await open();
      assert.ok(await good.serves(1));
      good.destroy();
    });
  }

  test('35-42: floods again and again leave memory flat, cost CPU like good requests, and good traffic goes on', async () => {
    const all = FLOODS.map(({ octets }) => octets());
    const good = await open();
    let stream = 1;
    const p95 = async (): Promise<number> => {
      const took: number[] = [];
      for (let count = 0; count < 60; count += 1) {
        const start = performance.now();
        assert.ok(await good.serves(stream));
        took.push(performance.now() - start);
        good.frames.length = 0;
        stream += 2;
      }
      return took.sort((a, b) => a - b)[56] ?? 0;
    };
    const round = async (): Promise<number> => {
      let sum = 0;
      await Promise.all(
        all.map(async (bytes) => {
          const client = await open();
          client.write(bytes);
          sum += bytes.length;
          await client.until(() => client.state !== 'open' || client.isComplete(1) || client.resetOf(1) >= 0);
          client.destroy();
        }),
      );
      return sum;
    };
    await p95();
    const alone = await p95();
    for (let count = 0; count < 2; count += 1) await round();
    const start = residentKib(pid());
    let running = true;
    const floods = (async () => {
      let rounds = 0;
      while (running || rounds < 3) {
        await round();
        rounds += 1;
      }
    })();
    const beside = await p95();
    running = false;
    await floods;
    good.destroy();
    const grown = residentKib(pid()) - start;
    assert.ok(grown < 64 * 1024, `${grown} KiB more`);
    // The attackers work in this process, on the same cores: only starvation shows here. `npm run bench -- crowd` measures from outside.
    assert.ok(beside < 10 * alone + 1000, `p95 ${beside.toFixed(1)} ms, alone ${alone.toFixed(1)} ms`);
  });

  test('43: clients that give no window hold no more than buffers, and not for ever', async () => {
    const size = 16 * 1024 * 1024;
    chain().recorder.special = {
      bytes: Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`), Buffer.alloc(size, 97)]),
      close: false,
    };
    for (const window of [0, 1]) {
      const start = residentKib(pid());
      const others = chain().recorder.connections;
      const asked = chain().recorder.requests.length;
      const client = await open('slow', [[4, window]]);
      const streams = Array.from({ length: 20 }, (_, index) => 2 * index + 1);
      for (const stream of streams) client.headers(stream, PROBE, true);
      // On a busy machine one's time may be over before it is there.
      const over = (): number => streams.filter((stream) => client.resetOf(stream) >= 0).length;
      await until(() => chain().recorder.requests.length + over() >= asked + streams.length, {
        what: 'the requests at the backend',
      });
      let most = 0;
      await until(
        () => {
          most = Math.max(most, residentKib(pid()) - start);
          return chain().recorder.connections <= others + 4;
        },
        { what: 'the stalled streams given up' },
      );
      client.destroy();
      assert.ok(most < 20 * 1024, `${most} KiB more for 20 streams`);
    }
  });

  test('43: a client that stops to read what it asked for stops us', async () => {
    const size = 4 * 1024 * 1024;
    chain().recorder.special = {
      bytes: Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`), Buffer.alloc(size, 97)]),
      close: false,
    };
    const start = residentKib(pid());
    const others = chain().recorder.connections;
    const asked = chain().recorder.requests.length;
    const client = await open('slow', [[4, 0x7fffffff]]);
    client.send('WINDOW_UPDATE', 0, 0, uint32(0x7fffffff - 65_535));
    client.socket.pause();
    for (let stream = 1; stream < 60; stream += 2) client.headers(stream, PROBE, true);
    let most = 0;
    let stalled = 0;
    await until(
      () => {
        const { requests, connections } = chain().recorder;
        most = Math.max(most, residentKib(pid()) - start);
        stalled = Math.max(stalled, connections - others);
        // On a busy machine one's time may be over before it is at the backend: the client, which does not read, is not told.
        return requests.length > asked && stalled > 4 && connections <= others + 4;
      },
      { what: 'the stalled streams given up' },
    );
    client.destroy();
    assert.ok(most < 24 * 1024, `${most} KiB more for 30 answers of 4 MB`);
  });

  test('44: streams that were cancelled keep nothing', async () => {
    const large: Fields = [...GOOD, ['x-large', 'a'.repeat(12_000)]];
    const client = await open();
    let stream = 1;
    const cancel = async (count: number): Promise<void> => {
      for (let turn = 0; turn < count; turn += 1) {
        for (let one = 0; one < 40; one += 1) {
          client.headers(stream, large, false);
          client.send('DATA', 0, stream, Buffer.alloc(2000, 1));
          client.send('RST_STREAM', 0, stream, uint32(8));
          stream += 2;
        }
        // As many that end well: a client that cancels now and then is no attacker.
        for (let one = 0; one < 45; one += 1) {
          assert.ok(await client.serves(stream), `stream ${stream}, GOAWAY ${client.goAway}`);
          stream += 2;
        }
        client.frames.length = 0;
        client.heads.clear();
      }
    };
    await cancel(12);
    const start = residentKib(pid());
    await cancel(24);
    const grown = residentKib(pid()) - start;
    client.destroy();
    assert.ok(grown < 12 * 1024, `${grown} KiB more after 960 cancelled streams with 14 kB each`);
  });

  test('38: the answer to PING and SETTINGS is still right, and a drain of ours is no flood', async () => {
    const client = await open();
    client.send('PING', 0, 0, Buffer.from('12345678'));
    assert.ok(
      await client.until(() =>
        client.of('PING').some(({ flags, payload }) => flags === ACK && payload.toString() === '12345678'),
      ),
    );
    assert.ok(await client.serves(1));
    client.destroy();
  });
});
