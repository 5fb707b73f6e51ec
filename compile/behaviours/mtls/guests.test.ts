// Callers of another mesh: each trust domain has an inbound chain of its own, told apart by the server name, and callers use that name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guestServerName } from '@weft/core/identity';
import type { Cluster, Listener } from '@weft/core/proxy-config';
import type { ClusterInput, InboundInput } from '../behaviour.ts';
import { mtls } from './index.ts';

const mesh = (trustDomain: string, mode: 'strict' | 'permissive' | 'disabled') => ({ trustDomain, mtls: mode });
const CHAIN = { name: 'inbound/80', match: {}, transport: { kind: 'plaintext' }, terminal: { kind: 'tcp-proxy' } };
const inbound = (mode: 'strict' | 'permissive', guests: readonly string[]): Listener =>
  mtls.inboundListener?.(
    { name: 'inbound/80', listenerFilters: [], filterChains: [CHAIN] } as unknown as Listener,
    { mesh: mesh('own.test', mode), mtls: mode, port: { protocol: 'http' }, guests } as unknown as InboundInput,
  ) ?? assert.fail();

const trusted = (listener: Listener): unknown[] =>
  listener.filterChains.map(({ match, transport }) => [
    match.serverNames ?? [],
    transport.kind === 'tls' && transport.validation?.trust.kind === 'sds' ? transport.validation.trust.name : '',
    transport.kind === 'tls' ? transport.validation?.subjectAltNames.map(({ matcher }) => JSON.stringify(matcher)) : [],
  ]);

test('a trust domain is verified by its own roots in a chain of its own', () => {
  const prefix = (domain: string): string[] => [
    JSON.stringify({ kind: 'prefix', value: `spiffe://${domain}/`, ignoreCase: false }),
  ];
  // Straight, and by a gateway that passes through to the service before the dot.
  const name = guestServerName('guest.test');
  const own = [[], 'trust/own.test', prefix('own.test')];
  const guest = [[name, `*.${name}`], 'trust/guest.test', prefix('guest.test')];
  assert.deepEqual(trusted(inbound('strict', [])), [own]);
  assert.deepEqual(inbound('strict', []).listenerFilters, []);
  assert.deepEqual(trusted(inbound('strict', ['guest.test'])), [own, guest]);
  assert.equal(inbound('strict', ['guest.test']).listenerFilters[0]?.kind, 'tls-inspector');
  assert.deepEqual(trusted(inbound('permissive', ['guest.test'])).slice(0, 2), [own, guest]);
  const names = inbound('strict', ['a.test', 'b.test']).filterChains.map(({ match }) => match.serverNames?.[0]);
  assert.equal(new Set(names).size, 3);
});

test('a caller verifies by the trust domain of the service, and says its own by the server name', () => {
  const cluster = (home: object | undefined, mode: 'strict' | 'disabled'): Cluster =>
    mtls.cluster?.(
      {} as Cluster,
      {
        mesh: mesh('guest.test', mode),
        mtls: home === undefined ? mode : (home as ReturnType<typeof mesh>).mtls,
        home,
        service: 'shop/ledger',
        port: { port: 80, protocol: 'http' },
        identities: ['spiffe://own.test/ns/shop/sa/ledger'],
        external: undefined,
      } as unknown as ClusterInput,
    ) ?? assert.fail();
  const tls = (one: Cluster) => (one.transport?.kind === 'tls' ? one.transport : undefined);
  const [, , name] = ['', '', inbound('strict', ['guest.test']).filterChains[1]?.match.serverNames?.[0]];
  const abroad = tls(cluster({ mesh: 'own', ...mesh('own.test', 'strict') }, 'disabled'));
  assert.equal(abroad?.sni, name);
  assert.deepEqual(abroad?.validation?.trust, { kind: 'sds', name: 'trust/own.test', sdsCluster: undefined });
  assert.equal(tls(cluster({ mesh: 'own', ...mesh('own.test', 'disabled') }, 'strict')), undefined);
  assert.equal(
    tls(cluster({ mesh: 'twin', ...mesh('guest.test', 'strict') }, 'strict'))?.sni,
    '80.ledger.shop.guest.test',
  );
});
