import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS, type Http1FaultCode, RequestReader, ResponseReader } from './index.ts';
import { transcript } from './testing/transcript.ts';

const GET = 'GET / HTTP/1.1\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: a\r\n';
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;

/** What must be refused, and how. Each is also tried octet by octet and as the second request of a connection. */
const REQUESTS: readonly [string, Http1FaultCode][] = [
  [`${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, 'content-length-and-transfer-encoding'],
  [`${POST}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`, 'content-length-duplicate'],
  ...[
    '5, 5',
    '5,6',
    '+5',
    '-1',
    '0x5',
    '18446744073709551616',
    '9007199254740993',
    '05',
    '00',
    '5 5',
    '',
    '5;',
    '5a',
  ].map((value): [string, Http1FaultCode] => [`${POST}Content-Length: ${value}\r\n\r\n`, 'content-length']),
  ...[
    'xchunked',
    'chunked, identity',
    'identity',
    '',
    'chunked\t, chunked',
    'chunked, chunked',
    '"chunked"',
    'chunked;q=1',
    'gzip',
    'chunked, gzip',
    ',chunked',
  ].map((value): [string, Http1FaultCode] => [
    `${POST}Transfer-Encoding: ${value}\r\n\r\n`,
    value === 'gzip' ? 'transfer-encoding-unsupported' : 'transfer-encoding',
  ]),
  [`${POST}Transfer-Encoding: gzip, chunked\r\n\r\n`, 'transfer-encoding-unsupported'],
  [`${POST}Transfer-Encoding: \x0bchunked\r\n\r\n`, 'header-value'],
  [`${POST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, 'transfer-encoding'],
  ['POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n', 'transfer-encoding'],
  ['GET / HTTP/1.1\nHost: a\n\n', 'bare-lf'],
  [`${GET}Host: a\n\r\n`, 'bare-lf'],
  [`${GET}Host: a\r\nX: 1\rY: 2\r\n\r\n`, 'bare-cr'],
  [`${GET}Host: a\r\n\rX`, 'bare-cr'],
  [`${GET}Host: a\r\n\n`, 'bare-lf'],
  [`${GET}Host: a\r\nX: a\r\n b\r\n\r\n`, 'obs-fold'],
  [`${GET} Host: a\r\n\r\n`, 'obs-fold'],
  [`${GET}Host : a\r\n\r\n`, 'space-before-colon'],
  [`${POST}Content-Length : 5\r\n\r\n`, 'space-before-colon'],
  [`${GET}Host: a\r\n: b\r\n\r\n`, 'header-name'],
  [`${GET}Host: a\r\nX(: b\r\n\r\n`, 'header-name'],
  [`${GET}Host: a\r\nX\xe9: b\r\n\r\n`, 'header-name'],
  [`${GET}Host: a\r\nnocolon\r\n\r\n`, 'header-name'],
  [`${GET}Host: a\r\nX: \0\r\n\r\n`, 'header-value'],
  [`${GET}Host: a\r\nX: \x7f\r\n\r\n`, 'header-value'],
  [`${GET}\r\n`, 'host-missing'],
  [`${GET}Host: a\r\nHost: a\r\n\r\n`, 'host-duplicate'],
  ...[
    '',
    'a, b',
    'u@a',
    'a/b',
    'a b',
    'a?b',
    'a:',
    'a:x',
    'a:99999',
    'a:1:2',
    '[::1',
    '[]',
    'a\\b',
    '\xe4',
    '[::1]x',
    'a#b',
  ].map((value): [string, Http1FaultCode] => [`${GET}Host: ${value}\r\n\r\n`, 'host-invalid']),
  ['GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n', 'host-differs'],
  ['GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n', 'host-invalid'],
  ['GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n', 'host-invalid'],
  ['GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n', 'target'],
  ['GET * HTTP/1.1\r\nHost: a\r\n\r\n', 'target'],
  ['GET a HTTP/1.1\r\nHost: a\r\n\r\n', 'target'],
  ['CONNECT /x HTTP/1.1\r\nHost: a\r\n\r\n', 'target'],
  ['CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n', 'target'],
  ['CONNECT [::1] HTTP/1.1\r\nHost: [::1]\r\n\r\n', 'target'],
  ['GET /#f HTTP/1.1\r\nHost: a\r\n\r\n', 'target-octet'],
  ['GET /\xc0\xaf HTTP/1.1\r\nHost: a\r\n\r\n', 'target-octet'],
  ['GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n', 'target-octet'],
  ['GET  / HTTP/1.1\r\nHost: a\r\n\r\n', 'target-octet'],
  ['GET /  HTTP/1.1\r\nHost: a\r\n\r\n', 'version'],
  ['GET /\tHTTP/1.1\r\nHost: a\r\n\r\n', 'target-octet'],
  [' GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'method'],
  ['G(T / HTTP/1.1\r\nHost: a\r\n\r\n', 'method'],
  [`${'M'.repeat(8192)} / HTTP/1.1\r\n`, 'method'],
  ['GET /\r\n', 'version'],
  ['GET / http/1.1\r\n\r\n', 'version'],
  ['GET / HTTP/1.10\r\n\r\n', 'version'],
  ['GET / HTTP/1.2\r\n', 'version-unsupported'],
  ['GET / HTTP/3.0\r\n', 'version-unsupported'],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'version-unsupported'],
  ['\r\n\r\nGET / HTTP/1.1\r\n', 'empty-lines'],
  [`GET /${'a'.repeat(70_000)} HTTP/1.1\r\n`, 'target-too-long'],
  [`${GET}X: ${'a'.repeat(70_000)}\r\n\r\n`, 'head-too-large'],
  [`${GET}${'X: a\r\n'.repeat(101)}\r\n`, 'too-many-headers'],
  [`${CHUNKED}fffffffffffffffff\r\n`, 'chunk-size'],
  [`${CHUNKED}ffffffffffffffff\r\n`, 'chunk-size'],
  [`${CHUNKED}-1\r\n`, 'chunk-size'],
  [`${CHUNKED}0x1\r\n`, 'chunk-size'],
  [`${CHUNKED}\r\n`, 'chunk-size'],
  [`${CHUNKED}1 \r\n`, 'chunk-size'],
  [`${CHUNKED}1\nX\r\n`, 'bare-lf'],
  [`${CHUNKED}1\rX`, 'bare-cr'],
  [`${CHUNKED}1;\r\nX\r\n`, 'chunk-extension'],
  [`${CHUNKED}1;a=\r\nX\r\n`, 'chunk-extension'],
  [`${CHUNKED}1;a=b\x01\r\nX\r\n`, 'chunk-extension'],
  [`${CHUNKED}1;a\nX\r\n`, 'chunk-extension'],
  [`${CHUNKED}1;a="b\r\n"\r\nX\r\n`, 'chunk-extension'],
  [`${CHUNKED}1;${'a'.repeat(65_536)}\r\n`, 'chunk-extension'],
  [`${CHUNKED}${'1;aaaaaaaa\r\nX\r\n'.repeat(600)}`, 'chunk-extension'],
  [`${CHUNKED}1\r\nXY\r\n`, 'chunk-end'],
  [`${CHUNKED}1\r\nX\n0\r\n`, 'chunk-end'],
  [`${CHUNKED}0\r\nContent-Length: 1\r\n\r\n`, 'trailer-forbidden'],
  [`${CHUNKED}0\r\n X: 1\r\n\r\n`, 'obs-fold'],
  [`${CHUNKED}0\r\nX: ${'a'.repeat(70_000)}\r\n\r\n`, 'trailers-too-large'],
  [`${CHUNKED}0\r\n${'X: 1\r\n'.repeat(101)}\r\n`, 'trailers-too-large'],
];

test('requests that two readers could understand differently are refused, however they are cut', () => {
  for (const [input, code] of REQUESTS) {
    const shown = JSON.stringify(input.slice(0, 120));
    assert.equal(transcript(new RequestReader(), input, []).fault, code, shown);
    const cuts = input.length < 500 ? Array.from({ length: input.length }, (_, k) => k) : [1, 7, 30_000];
    assert.equal(transcript(new RequestReader(), input, cuts).fault, code, `octet by octet: ${shown}`);
    if (code === 'empty-lines') continue;
    const before = 'POST /first HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi';
    assert.equal(transcript(new RequestReader(), before + input, []).fault, code, `second: ${shown}`);
  }
});

const RESPONSES: readonly [string, string, Http1FaultCode][] = [
  ['GET', 'HTTP/2.0 200 OK\r\n\r\n', 'status-line'],
  ['GET', 'HTTP/1.1 20 OK\r\n\r\n', 'status-line'],
  ['GET', 'HTTP/1.1 2000 OK\r\n\r\n', 'status-line'],
  ['GET', 'HTTP/1.1 099 X\r\n\r\n', 'status-line'],
  ['GET', 'garbage', 'status-line'],
  ['GET', 'HTTP/1.1 200 OK\n\n', 'bare-lf'],
  ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n', 'content-length-duplicate'],
  [
    'GET',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'content-length-and-transfer-encoding',
  ],
  ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n', 'transfer-encoding-unsupported'],
  ['GET', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 'transfer-encoding'],
  ['GET', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc', 'truncated'],
  ['GET', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc', 'truncated'],
  ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Le', 'truncated'],
];

test('responses that cannot be trusted are refused', () => {
  for (const [method, input, code] of RESPONSES) {
    const reader = new ResponseReader();
    reader.expect(method);
    assert.equal(transcript(reader, input, [], true).fault, code, JSON.stringify(input));
  }
});

test('a slow sender of one long line costs linear work: positions are kept between reads', () => {
  const reader = new RequestReader();
  const octet = new Uint8Array([97]);
  reader.feed(new Uint8Array([71, 69, 84, 32, 47]), 0, 5);
  for (let k = 0; k < 60_000; k += 1) {
    reader.feed(octet, 0, 1);
    assert.equal(reader.next(), 0);
  }
});

test('every fault has a status a client understands', () => {
  for (const fault of Object.values(FAULTS))
    assert.ok([400, 414, 431, 501, 505].includes(fault.status) && fault.message !== '');
});
