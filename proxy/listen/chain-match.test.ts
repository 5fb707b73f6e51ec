import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIp } from '@weft/core/kernel';
import type { FilterChain, FilterChainMatch } from '@weft/core/proxy-config';
import { chain } from '../testing/config.ts';
import { ChainMatcher, type ConnectionTraits } from './chain-match.ts';

const traits = (over: Partial<ConnectionTraits>): ConnectionTraits => ({
  destinationPort: 80,
  destination: parseIp('10.1.2.3'),
  source: parseIp('192.168.0.9'),
  sourcePort: 5000,
  serverName: '',
  transportProtocol: 'raw_buffer',
  applicationProtocols: [],
  ...over,
});

function matcher(matches: Readonly<Record<string, Partial<FilterChainMatch>>>, fallback?: string) {
  const chains = Object.entries(matches).map(([name, match]): [FilterChain, string] => [chain(name, match), name]);
  const found = new ChainMatcher(chains, fallback);
  return (over: Partial<ConnectionTraits>): string | undefined => found.find(traits(over));
}

test('destination port first, then the longest prefix; no way back', () => {
  const find = matcher(
    {
      port: { destinationPort: 80 },
      wide: { prefixRanges: ['10.0.0.0/8'] },
      narrow: { prefixRanges: ['10.1.0.0/16'] },
      portNarrow: { destinationPort: 81, prefixRanges: ['10.9.0.0/16'] },
    },
    'default',
  );
  assert.equal(find({}), 'port');
  assert.equal(find({ destinationPort: 90 }), 'narrow');
  assert.equal(find({ destinationPort: 90, destination: parseIp('10.2.0.1') }), 'wide');
  assert.equal(find({ destinationPort: 90, destination: parseIp('11.2.0.1') }), 'default');
  assert.equal(find({ destinationPort: 81 }), 'default', 'port 81 was chosen, its only range does not fit');
});

test('server names: exact, then the longest wildcard, then any', () => {
  const find = matcher({
    exact: { serverNames: ['a.b.example'] },
    long: { serverNames: ['*.b.example'] },
    short: { serverNames: ['*.example'] },
    any: {},
  });
  assert.equal(find({ serverName: 'a.b.example' }), 'exact');
  assert.equal(find({ serverName: 'x.b.example' }), 'long');
  assert.equal(find({ serverName: 'x.y.example' }), 'short');
  assert.equal(find({ serverName: 'example' }), 'any');
  assert.equal(find({}), 'any');
});

test('transport protocol and ALPN in the order the client offers', () => {
  const find = matcher({
    plain: { transportProtocol: 'raw_buffer' },
    tls: { transportProtocol: 'tls' },
    h2: { transportProtocol: 'tls', applicationProtocols: ['h2'] },
    h1: { transportProtocol: 'tls', applicationProtocols: ['http/1.1'] },
  });
  assert.equal(find({}), 'plain');
  assert.equal(find({ transportProtocol: 'tls' }), 'tls');
  assert.equal(find({ transportProtocol: 'tls', applicationProtocols: ['http/1.1', 'h2'] }), 'h1');
  assert.equal(find({ transportProtocol: 'tls', applicationProtocols: ['x', 'h2'] }), 'h2');
});

test('source: type before range before port', () => {
  const find = matcher({
    local: { sourceType: 'same-ip-or-loopback' },
    external: { sourceType: 'external' },
    range: { sourceType: 'external', sourcePrefixRanges: ['192.168.0.0/24'] },
    port: { sourceType: 'external', sourcePrefixRanges: ['192.168.0.0/24'], sourcePorts: [7] },
  });
  assert.equal(find({ source: parseIp('127.0.0.1') }), 'local');
  assert.equal(find({ source: parseIp('10.1.2.3') }), 'local');
  assert.equal(find({}), 'range');
  assert.equal(find({ sourcePort: 7 }), 'port');
  assert.equal(find({ source: parseIp('8.8.8.8') }), 'external');
});

test('nothing fits and no default: no chain', () => {
  assert.equal(matcher({ tls: { transportProtocol: 'tls' } })({}), undefined);
});
