/** Attacks on a TLS listener that demands client certificates (rows 50, 51, 56, 59): refused without a byte to the backend, and the process lives. */
import assert from 'node:assert/strict';
import net from 'node:net';
import { afterEach, before, describe, test } from 'node:test';
import type tls from 'node:tls';
import {
  altNames,
  type Chain,
  Conversation,
  type Identity,
  MEMBER,
  type OpensslAuthority,
  talkTls,
  useTlsChain,
} from '@weft/testkit/attacks';
import { needs } from '@weft/testkit/tools';

const REQUEST = 'GET / HTTP/1.1\r\nHost: good.test\r\n\r\n';

for (const hops of [1, 2])
  describe(`attacks on a TLS listener, ${hops} engine${hops === 1 ? '' : 's'}`, { skip: needs('openssl') }, () => {
    let chain: Chain;
    let authority: OpensslAuthority;
    let own: Identity;

    afterEach(() => assert.equal(chain.recorder.requests.length, 0, 'the backend got a request'));
    const started = useTlsChain(hops);
    before(() => {
      ({ chain, authority, own } = started());
    });

    const talk = (options: tls.ConnectionOptions): Promise<string> => talkTls(chain.port('tls'), options);

    /** Writes octets to the TLS port; true when the engine closes in time without an HTTP answer. */
    const refuses = async (bytes: Buffer | string): Promise<boolean> => {
      const client = new Conversation(chain.port('tls'));
      client.write(bytes);
      const closed = await client.closed();
      const answered = client.text.includes('HTTP/1.');
      client.destroy();
      return closed && !answered;
    };

    test('59: plaintext HTTP on the TLS port is closed', async () => {
      assert.ok(await refuses(REQUEST));
    });

    test('59: TLS before 1.2 is refused', async () => {
      const answer = await talk({ ...own, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
      assert.match(answer, /^refused: /);
    });

    test('51: no client certificate, and one that nobody trusts, are refused', async () => {
      assert.match(await talk({}), /^refused: /);
      authority.issue('stranger');
      assert.match(await talk(authority.leaf('foreign', MEMBER, 'stranger')), /^refused: /);
      assert.match(await talk(authority.issue('alone', ...altNames(MEMBER))), /^refused: /);
    });

    test('51: a leaf that is an authority, or that a leaf signed, is refused', async () => {
      const above = authority.issue('authority', ...altNames(MEMBER), ...authority.signedBy('root'));
      assert.match(await talk(above), /^refused: /);
      const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,digitalSignature'];
      const quiet = authority.issue('quiet', ...ca, ...altNames(MEMBER), ...authority.signedBy('root'));
      assert.match(await talk(quiet), /^refused: /, 'one that may not sign certificates');
      const { key, cert } = authority.leaf('child', MEMBER, 'own');
      assert.match(await talk({ key, cert: Buffer.concat([cert, own.cert]) }), /^refused: /);
    });

    test('56: odd server names get a session or an alert, never a crash', async () => {
      for (const servername of [
        'GOOD.TEST',
        `${'a'.repeat(63)}.`.repeat(4).slice(0, 253),
        'a'.repeat(300),
        'x y',
        '*.test',
        '..',
        'g\u00f6od',
      ]) {
        const answer = await talk({ ...own, servername }).catch(String);
        assert.match(answer, /^(HTTP\/1\.1 200|refused: )/, servername);
        chain.recorder.reset();
      }
    });

    test('57: garbage instead of a ClientHello, and one that is cut, too long or repeated, ends the connection', async () => {
      const record = (type: number, body: Buffer): Buffer =>
        Buffer.concat([Buffer.from([type, 3, 1, body.length >> 8, body.length & 255]), body]);
      const hello = (length: number, body: Buffer): Buffer =>
        Buffer.concat([Buffer.from([1, (length >> 16) & 255, (length >> 8) & 255, length & 255]), body]);
      for (const bytes of [
        Buffer.alloc(20_000, 0xff),
        record(22, hello(16_000_000, Buffer.alloc(1000))),
        Buffer.concat(Array.from({ length: 40 }, () => record(22, hello(200_000, Buffer.alloc(8000))))),
        record(22, Buffer.alloc(0)),
        record(23, Buffer.alloc(100)),
        record(21, Buffer.from([2, 40])),
        record(22, hello(2, Buffer.from([3, 3]))),
      ])
        assert.ok(await refuses(bytes), bytes.subarray(0, 12).toString('hex'));
    });

    test('50: a handshake that never begins or stops is ended', async () => {
      const begun = Buffer.from([22, 3, 1, 2, 0, 1, 0, 1]);
      assert.deepEqual(await Promise.all([refuses(''), refuses(begun)]), [true, true]);
    });

    test('41: resets at any point of the handshake leave the process as it was', async () => {
      await Promise.all(
        Array.from(
          { length: 100 },
          (_, index) =>
            new Promise<void>((resolve) => {
              const socket = net.connect(chain.port('tls'), '127.0.0.1', () => {
                socket.write(Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3].slice(0, index % 12)));
                socket.resetAndDestroy();
              });
              socket.on('close', () => resolve());
              socket.on('error', () => {});
            }),
        ),
      );
    });
  });
