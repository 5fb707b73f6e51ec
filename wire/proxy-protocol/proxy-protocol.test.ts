import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIp, parseIp, type IpAddress } from '@weft/core/kernel';
import {
  MAX_V1_BYTES,
  MAX_V2_BYTES,
  type ProxiedConnection,
  type ProxyHeader,
  readProxyHeader,
  writeProxyHeader,
} from './index.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const v2 = (command: number, family: number, block: readonly number[], length = block.length): Uint8Array =>
  Uint8Array.of(...bytesOf(SIGNATURE), command, family, length >> 8, length & 255, ...block);
const V4 = [192, 0, 2, 1, 198, 51, 100, 2, 0x30, 0x39, 0, 80] as const;

const octet = fc.nat(255);
const address = (family: 4 | 6): fc.Arbitrary<IpAddress> =>
  family === 4
    ? fc.tuple(fc.integer({ min: 1, max: 223 }), octet, octet, octet).map((bytes) => ({ family: 4, bytes }))
    : fc
        .tuple(fc.integer({ min: 1, max: 254 }), fc.array(octet, { minLength: 15, maxLength: 15 }))
        .map(([first, rest]) => ({ family: 6, bytes: [first, ...rest] }));
const connection: fc.Arbitrary<ProxiedConnection> = fc.constantFrom<4 | 6>(4, 6).chain((family) =>
  fc.record(
    {
      source: fc.record({ address: address(family), port: fc.nat(65_535) }, { noNullPrototype: true }),
      destination: fc.record({ address: address(family), port: fc.nat(65_535) }, { noNullPrototype: true }),
    },
    { noNullPrototype: true },
  ),
);

const header = (bytes: Uint8Array): Extract<ProxyHeader, { kind: 'header' }> => {
  const read = readProxyHeader(bytes);
  assert.equal(read.kind, 'header');
  return read as Extract<ProxyHeader, { kind: 'header' }>;
};

test('what is written is read, in both versions, byte by byte and with anything behind it', () => {
  fc.assert(
    fc.property(
      connection,
      fc.constantFrom<'v1' | 'v2'>('v1', 'v2'),
      fc.uint8Array({ maxLength: 40 }),
      (proxied, version, rest) => {
        const written = writeProxyHeader(version, proxied);
        assert.ok(written.length <= (version === 'v1' ? MAX_V1_BYTES : MAX_V2_BYTES));
        const wanted = { kind: 'header', version, length: written.length, proxied };
        assert.deepEqual(readProxyHeader(written), wanted);
        assert.deepEqual(readProxyHeader(Uint8Array.of(...written, ...rest)), wanted);
        for (let cut = 0; cut < written.length; cut += 1) {
          assert.equal(readProxyHeader(written.subarray(0, cut)).kind, 'incomplete');
        }
      },
    ),
    { numRuns: 200 },
  );
  for (const version of ['v1', 'v2'] as const) {
    assert.equal(header(writeProxyHeader(version, undefined)).proxied, undefined);
  }
});

test('any bytes give an answer, and none beyond the limits is waited for', () => {
  const prefixes = [
    new Uint8Array(),
    bytesOf('PROXY '),
    bytesOf('PROXY TCP4 '),
    bytesOf(SIGNATURE),
    v2(0x21, 0x11, []),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...prefixes), fc.uint8Array({ maxLength: 300 }), (prefix, noise) => {
      const read = readProxyHeader(Uint8Array.of(...prefix, ...noise));
      if (read.kind === 'header') assert.ok(read.length <= prefix.length + noise.length);
    }),
    { numRuns: 2000 },
  );
  assert.equal(readProxyHeader(bytesOf(`PROXY ${'x'.repeat(MAX_V1_BYTES)}`)).kind, 'malformed');
  assert.equal(readProxyHeader(bytesOf(`PROXY UNKNOWN ${'x'.repeat(MAX_V1_BYTES - 15)}\r\n`)).kind, 'malformed');
  assert.equal(readProxyHeader(bytesOf(`PROXY UNKNOWN ${'x'.repeat(MAX_V1_BYTES - 16)}\r\n`)).kind, 'header');
  assert.equal(readProxyHeader(v2(0x21, 0x11, [...V4], MAX_V2_BYTES - 15)).kind, 'malformed');
  assert.equal(readProxyHeader(v2(0x20, 0, [], 65_535)).kind, 'malformed');
});

test('version 1: only the standard form of a line', () => {
  const line = (text: string): string => readProxyHeader(bytesOf(text)).kind;
  assert.equal(line('PROXY TCP4 192.0.2.1 198.51.100.2 12345 80\r\n'), 'header');
  assert.equal(line('PROXY TCP6 2001:db8::1 2001:db8::2 0 65535\r\n'), 'header');
  for (const bad of [
    'PROXY\t\r\n',
    'PROXY \r\n',
    'PROXY TCP4\r\n',
    'PROXY TCP5 192.0.2.1 198.51.100.2 1 2\r\n',
    'PROXY tcp4 192.0.2.1 198.51.100.2 1 2\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 1 2\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 1\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 1 2 3\r\n',
    'PROXY TCP4  192.0.2.1 198.51.100.2 1 2\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 01 2\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 1 65536\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 -1 2\r\n',
    'PROXY TCP4 192.0.2.256 198.51.100.2 1 2\r\n',
    'PROXY TCP4 0x7f.0.0.1 198.51.100.2 1 2\r\n',
    'PROXY TCP4 0.0.0.0 198.51.100.2 1 2\r\n',
    'PROXY TCP4 224.0.0.1 198.51.100.2 1 2\r\n',
    'PROXY TCP4 255.255.255.255 198.51.100.2 1 2\r\n',
    'PROXY TCP4 2001:db8::1 198.51.100.2 1 2\r\n',
    'PROXY TCP6 192.0.2.1 198.51.100.2 1 2\r\n',
    'PROXY TCP6 fe80::1%eth0 2001:db8::2 1 2\r\n',
    'PROXY TCP6 ff02::1 2001:db8::2 1 2\r\n',
    'PROXY UNKNOWNS 1\r\n',
    'PROXY UNKNOWN a\rb\r\n',
    'PROXY UNKNOWN \u00e4\r\n',
  ]) {
    assert.notEqual(line(bad), 'header', JSON.stringify(bad));
    assert.notEqual(line(bad), 'incomplete', JSON.stringify(bad));
  }
  assert.equal(line('GET / HTTP/1.1\r\n'), 'absent');
  assert.equal(line('POST / HTTP/1.1\r\n'), 'absent');
  assert.equal(line('PROPFIND / HTTP/1.1\r\n'), 'absent');
  assert.equal(line('PRO'), 'incomplete');
});

test('version 2: commands, families, TLVs', () => {
  const tlv = [0xea, 0, 2, 7, 7];
  const full = header(v2(0x21, 0x11, [...V4, ...tlv, 4, 0, 0]));
  assert.equal(formatIp(full.proxied?.source.address ?? { family: 4, bytes: [] }), '192.0.2.1');
  assert.equal(full.proxied?.source.port, 12_345);
  assert.equal(full.proxied?.destination.port, 80);
  assert.equal(full.length, 16 + 12 + 5 + 3);
  assert.equal(header(v2(0x20, 0x11, [...V4])).proxied, undefined, 'LOCAL passes its block over');
  assert.equal(header(v2(0x20, 0xff, [1, 2, 3])).length, 19);
  assert.equal(header(v2(0x21, 0, [])).proxied, undefined, 'unspecified family');
  assert.equal(header(v2(0x21, 0x31, new Array<number>(216).fill(1))).proxied, undefined, 'Unix sockets');
  const wide = header(
    v2(0x21, 0x21, [...(parseIp('2001:db8::1')?.bytes ?? []), ...(parseIp('2001:db8::2')?.bytes ?? []), 0, 1, 0, 2]),
  );
  assert.equal(wide.proxied?.destination.port, 2);
  for (const [what, bytes] of [
    ['version 1 in the signature of 2', v2(0x11, 0x11, [...V4])],
    ['an unknown command', v2(0x22, 0x11, [...V4])],
    ['an unknown family', v2(0x21, 0x41, [...V4])],
    ['an unknown transport', v2(0x21, 0x13, [...V4])],
    ['addresses without a transport', v2(0x21, 0x10, [...V4])],
    ['too short for its addresses', v2(0x21, 0x11, V4.slice(0, 11))],
    ['IPv6 with IPv4 addresses', v2(0x21, 0x21, [...V4])],
    ['a TLV cut in its head', v2(0x21, 0x11, [...V4, 1, 0])],
    ['a TLV longer than the header', v2(0x21, 0x11, [...V4, 1, 0, 2, 7])],
    ['a TLV of 65535 bytes', v2(0x21, 0x11, [...V4, 1, 255, 255, 7])],
    ['a source of zeros', v2(0x21, 0x11, [0, 0, 0, 0, ...V4.slice(4)])],
    ['a group as the destination', v2(0x21, 0x11, [...V4.slice(0, 4), 239, 1, 1, 1, 0, 1, 0, 2])],
  ] as const) {
    assert.equal(readProxyHeader(bytes).kind, 'malformed', what);
  }
  const damaged = v2(0x21, 0x11, [...V4]);
  damaged[4] = 1;
  assert.equal(readProxyHeader(damaged).kind, 'absent');
});
