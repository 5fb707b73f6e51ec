// Requests that wait for a signature: clients that leave meanwhile, streams that are used again.
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import net from 'node:net';
import { test } from 'node:test';
import type { HttpFilter } from '@weft/core/proxy-config';
import {
  forwardTo,
  matchOf,
  prefix,
  routeConfiguration,
  routeOf,
  virtualHost,
} from '../../http/testing/configuration.ts';
import { Harness, TestCluster } from '../../http/testing/harness.ts';
import { converse, headBackend } from '../../http/testing/wire.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = `${part({ alg: 'ES512' })}.${part({ iss: 'i' })}`;
const TOKEN = `${signed}.${sign('sha512', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;

const filter: HttpFilter = {
  kind: 'jwt-authn',
  name: 'jwt',
  disabled: false,
  providers: [
    {
      name: 'main',
      issuer: 'i',
      audiences: [],
      subjects: undefined,
      requireExpiration: false,
      maxLifetime: undefined,
      keys: {
        kind: 'local',
        source: { kind: 'inline', text: JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }) },
      },
      fromHeaders: [],
      fromParameters: [],
      fromCookies: [],
      forward: false,
      forwardPayloadHeader: '',
      padForwardPayloadHeader: false,
      claimToHeaders: [],
      clearRouteCache: false,
      payloadInMetadata: '',
      headerInMetadata: '',
      failedStatusInMetadata: '',
      spaceDelimitedClaims: [],
      clockSkewSeconds: 60,
      cache: undefined,
    },
  ],
  rules: [
    {
      match: matchOf({ kind: 'prefix', value: '/', ignoreCase: false }),
      requirement: { kind: 'provider', provider: 'main', audiences: [] },
    },
  ],
  requirements: [],
  bypassCorsPreflight: false,
  stripFailureResponse: false,
  statPrefix: '',
};

const request = (authorization: string): string =>
  `POST / HTTP/1.1\r\nhost: a\r\nauthorization: ${authorization}\r\ncontent-length: 5\r\n\r\nhello`;

test('clients that leave while their token is verified leave nothing behind; others go on', async () => {
  const backend = await headBackend(() => 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  const harness = new Harness({
    routes: routeConfiguration([virtualHost([routeOf(prefix('/'), forwardTo('a'))])]),
    clusters: [new TestCluster('a', [backend.port])],
    manager: { httpFilters: [filter] },
  });
  await harness.start();
  try {
    const left = Array.from({ length: 20 }, () => net.connect(harness.port, '127.0.0.1'));
    for (const socket of left) {
      socket.on('error', () => {});
      socket.write(request(`Bearer ${TOKEN}`), () => socket.destroy());
    }
    await harness.recorded(20);
    assert.equal(harness.manager.openExchanges, 0);
    const answer = await converse(
      harness.port,
      request(`Bearer ${TOKEN}`).replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n'),
    );
    assert.match(answer, /^HTTP\/1\.1 200 /);
    const forged = request(`Bearer ${TOKEN.slice(0, -4)}AAAA`).replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n');
    assert.match(await converse(harness.port, forged), /^HTTP\/1\.1 401 [^]*Jwt verification fails$/);
    assert.ok(
      harness.records.every(({ flags }) => !flags.includes('LR')),
      'a defect cuts its exchange',
    );
  } finally {
    await harness.stop();
    await backend.stop();
  }
});
