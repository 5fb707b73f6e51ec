/** Generates HTTP/2 requests that must not become anything else when they go on as HTTP/1.1 (RFC 9113, 8.2 and 8.3; PortSwigger's h2 names). */
import { HIDDEN } from './http1-payload.ts';
import type { Field, Http2Payload } from './payload.ts';
import type { Roll } from './roll.ts';

interface Draft {
  fields: Field[];
  data: string[];
  trailers: Field[] | undefined;
  ends: 'last' | 'nowhere';
}

type Mutator = (draft: Draft, roll: Roll) => void;

/** What is put into names and values. */
const INJECTED = [
  '\r\nTransfer-Encoding: chunked',
  '\r\nContent-Length: 0',
  '\nX: y',
  '\rX: y',
  '\0',
  ' ',
  '\t',
  ':',
  ': b\r\nX',
  '\x7f',
  '\x01',
  '\xff',
  'A',
  ` HTTP/1.1\r\nHost: ring.test\r\n\r\n${HIDDEN}`,
  '\r\n\r\n',
  '\r\n',
  '\n',
  '\x0b',
  ',',
  ';',
  '"',
  '_',
  '#',
  '?',
  '\\',
  '@',
  '%0d%0a',
  '\xc4\x8d\xc4\x8a',
];
const NAMES = [
  'x-a',
  'x-b',
  'cookie',
  'accept',
  'content-type',
  'user-agent',
  'x_under',
  'grpc-timeout',
  'trailer',
  'via',
];
const FORBIDDEN: readonly Field[] = [
  ['transfer-encoding', 'chunked'],
  ['connection', 'close'],
  ['connection', 'x-a'],
  ['keep-alive', 'a'],
  ['upgrade', 'h2c'],
  ['proxy-connection', 'close'],
  ['te', 'chunked'],
  ['te', 'trailers'],
  ['te', 'trailers, gzip'],
  ['http2-settings', 'AAMAAABk'],
  ['Transfer-Encoding', 'chunked'],
  ['transfer-encoding', ''],
  ['transfer-encoding ', 'chunked'],
  ['expect', '100-continue'],
  ['host', 'b.test'],
  ['host', 'ring.test'],
  ['Host', 'ring.test'],
  ['content-length ', '0'],
  ['', 'a'],
  ['', ''],
  ['transfer_encoding', 'chunked'],
];
const METHODS = [
  'GET',
  'POST',
  'PUT',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'get',
  '',
  'GET /x HTTP/1.1\r\nX:',
  'GET ',
  'G\0T',
  'A'.repeat(40),
  'TRACE',
];
const PATHS = [
  '/',
  '/a?b',
  '*',
  '',
  'a',
  '//a',
  '/a b',
  '/a\r\nX: y',
  '/a#b',
  '/a/../b',
  '/%2e%2e/',
  '/%2f',
  'http://ring.test/a',
  '/\xff',
  '/a\0',
  '?a',
  '/a HTTP/1.1\r\n\r\n',
];
const SCHEMES = ['http', 'https', '', 'HTTP', 'ftp', 'http://x/', 'http\r\nX: y', 'http:'];
const AUTHORITIES = [
  'ring.test',
  'ring.test:80',
  '',
  'a@ring.test',
  'ring.test/x',
  'ring.test\r\nX: y',
  'ring.test,b',
  'ring.test:99999',
  '[::1]',
  '[::1',
  'RING.TEST',
  'ring test',
  'ring.test\0',
];
const LENGTHS = ['N', '0', '1', '+N', '0N', 'N,N', 'N N', '-1', '', 'a', '99999999999999999999', 'N\r\nX: y', ' N'];

const insert = (draft: Draft, roll: Roll, field: Field): void =>
  void draft.fields.splice(roll.chance(0.8) ? draft.fields.length : roll.below(draft.fields.length + 1), 0, field);
const set = (draft: Draft, name: string, value: string): void => {
  draft.fields = draft.fields.map((field) => (field[0] === name ? [name, value] : field));
};
const size = (draft: Draft): number => draft.data.join('').length;
const spliced = (text: string, roll: Roll): string => {
  const at = roll.chance(0.6) ? text.length : roll.below(text.length + 1);
  return text.slice(0, at) + roll.pick(INJECTED) + text.slice(at);
};

export const HTTP2_MUTATORS: Readonly<Record<string, Mutator>> = {
  'name injected': (draft, roll) => insert(draft, roll, [spliced(roll.pick(NAMES), roll), 'v']),
  'value injected': (draft, roll) => insert(draft, roll, [roll.pick(NAMES), spliced('v', roll)]),
  'pseudo injected': (draft, roll) => {
    const [name, value] = roll.pick(draft.fields);
    set(draft, name, spliced(value, roll));
  },
  'pseudo name': (draft, roll) =>
    insert(draft, roll, [
      roll.pick([':', ':x', ':status', ':protocol', ':method', ':path', ':authority', ':scheme', ': path']),
      roll.pick(['GET', '/b', '200', 'websocket', '']),
    ]),
  'pseudo missing': (draft, roll) => void draft.fields.splice(roll.below(4), 1),
  'pseudo order': (draft, roll) => {
    const [moved] = draft.fields.splice(roll.below(4), 1);
    draft.fields.push(['x-a', 'b']);
    if (moved !== undefined) draft.fields.push(moved);
  },
  method: (draft, roll) => set(draft, ':method', roll.pick(METHODS)),
  path: (draft, roll) => set(draft, ':path', roll.pick(PATHS)),
  scheme: (draft, roll) => set(draft, ':scheme', roll.pick(SCHEMES)),
  authority: (draft, roll) => set(draft, ':authority', roll.pick(AUTHORITIES)),
  forbidden: (draft, roll) => insert(draft, roll, roll.pick(FORBIDDEN)),
  length: (draft, roll) =>
    insert(draft, roll, [
      'content-length',
      roll.pick(LENGTHS).replaceAll('N', String(roll.chance(0.5) ? size(draft) : roll.below(50))),
    ]),
  'true length': (draft, roll) => insert(draft, roll, ['content-length', String(size(draft))]),
  data: (draft, roll) => {
    draft.data = Array.from({ length: 1 + roll.below(3) }, () =>
      roll.pick(['', 'a', 'hello', HIDDEN, '0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', 'x'.repeat(3000)]),
    );
  },
  trailers: (draft, roll) => {
    const name = roll.pick([
      'x-t',
      'content-length',
      'transfer-encoding',
      'host',
      ':path',
      'X-T',
      'x-t ',
      'connection',
      'grpc-status',
      'cookie',
    ]);
    draft.trailers = [[name, roll.chance(0.3) ? spliced('v', roll) : 'v']];
  },
  cookies: (draft, roll) => {
    for (let turn = 1 + roll.below(3); turn > 0; turn -= 1)
      draft.fields.push(['cookie', roll.pick(['a=b', 'c=d; e=f', '', ';', 'a=b\0'])]);
  },
  grpc: (draft) => {
    draft.fields.push(['content-type', 'application/grpc'], ['te', 'trailers']);
    draft.data = ['\0\0\0\0\x05hello'];
  },
  'many fields': (draft, roll) => {
    for (let turn = roll.pick([50, 99, 101, 200]); turn > 0; turn -= 1) draft.fields.push([`x-${turn}`, 'v']);
  },
  'never ends': (draft) => {
    draft.ends = 'nowhere';
  },
};

const KINDS = Object.keys(HTTP2_MUTATORS);

export function http2Payload(roll: Roll): Http2Payload {
  const withBody = roll.chance(0.5);
  const draft: Draft = {
    fields: [
      [':method', withBody ? roll.pick(['POST', 'PUT']) : roll.pick(['GET', 'HEAD', 'OPTIONS'])],
      [':scheme', 'http'],
      [':authority', 'ring.test'],
      [':path', roll.pick(['/a', '/a?b=c'])],
    ],
    data: withBody ? [roll.pick(['hello', HIDDEN, `0\r\n\r\n${HIDDEN}`, ''])] : [],
    trailers: undefined,
    ends: 'last',
  };
  const mutators: string[] = [];
  for (let wanted = roll.pick([0, 1, 1, 1, 2, 2, 3]); wanted > 0; wanted -= 1) {
    const name = roll.pick(KINDS);
    HTTP2_MUTATORS[name]?.(draft, roll);
    mutators.push(name);
  }
  return {
    protocol: 'http2',
    mutators,
    connection: roll.chance(0.8) ? 'reused' : 'fresh',
    ...draft,
    split: roll.chance(0.2) ? 1 + roll.below(40) : 0,
    padding: roll.chance(0.2) ? roll.below(256) : -1,
  };
}
