/**
 * What a hostile server answers: generated from a seed and an index. One good answer by the grammar, up to three things done to it, and some octets
 * changed at random. What follows an answer, and what its body holds, looks like an answer to somebody else. Octets are text, one character each.
 */
import type { Field } from './payload.ts';
import { Roll } from './roll.ts';
import { SAW } from './seen.ts';
import * as S from './spellings.ts';

interface Common {
  readonly mutators: readonly string[];
  readonly method: 'GET' | 'HEAD';
}

export interface Http1Answer extends Common {
  readonly protocol: 'http1';
  readonly text: string;
  /** Where the octets are cut into writes. */
  readonly cuts: readonly number[];
  /** The server ends the connection behind it. */
  readonly closes: boolean;
}

export interface Http2Answer extends Common {
  readonly protocol: 'http2';
  /** Header sections in order; all but the last are interim answers, when they are meant well. */
  readonly sections: readonly (readonly Field[])[];
  readonly data: readonly string[];
  readonly trailers: readonly Field[] | undefined;
  /** How it ends: by END_STREAM, by a reset, or by END_STREAM and a reset behind it. */
  readonly ends: 'last' | 'reset' | 'both';
}

export type Answer = Http1Answer | Http2Answer;

/** Every fourth answer is HTTP/2 when asked for by `http2`. */
export const answerOf = (seed: number, index: number, protocol: Answer['protocol']): Answer => {
  const roll = new Roll(seed ^ 0x5bd1e995, index);
  return protocol === 'http2' ? http2Answer(roll, index) : http1Answer(roll, index);
};

/** What nobody must take for an answer of its own. */
export const STRAY = `HTTP/1.1 200 OK\r\n${SAW}: stray\r\nContent-Length: 5\r\n\r\nstray`;
const CONTENTS = ['', 'a', 'hello', '0\r\n\r\n', STRAY, `0\r\n\r\n${STRAY}`, 'x'.repeat(300), `\r\n${STRAY}`];

interface Draft {
  version: string;
  status: string;
  reason: string;
  lines: string[];
  ends: string;
  headEnd: string;
  before: string;
  after: string;
  content: string;
  coded: 'none' | 'length' | 'chunked';
  chunks: string[];
  last: string;
  closes: boolean;
}

type Mutator = (draft: Draft, roll: Roll) => void;

const insert = (draft: Draft, roll: Roll, line: string): void =>
  void draft.lines.splice(roll.below(draft.lines.length + 1), 0, line);
const unframe = (draft: Draft): void => {
  draft.lines = draft.lines.filter((line) => !/^(content-length|transfer-encoding)/i.test(line));
};

function chunk(draft: Draft, roll: Roll): void {
  draft.coded = 'chunked';
  draft.chunks = [];
  for (let left = draft.content; left !== ''; ) {
    const size = roll.chance(0.6) ? left.length : 1 + roll.below(left.length);
    draft.chunks.push(`${size.toString(16)}\r\n${left.slice(0, size)}\r\n`);
    left = left.slice(size);
  }
  if (draft.chunks.length === 0) draft.chunks.push('1\r\nx\r\n');
}

const body = ({ coded, content, chunks, last }: Draft): string =>
  coded === 'chunked' ? chunks.join('') + last : content;

const STATUSES = [
  '200',
  '201',
  '204',
  '205',
  '206',
  '304',
  '404',
  '500',
  '101',
  '100',
  '103',
  '099',
  '1000',
  '20',
  '2xx',
  '+200',
  '600',
  '999',
  '000',
  '',
  '200.1',
  ' 200',
];
const ANSWER_FIELDS = [
  'Set-Cookie: a=b',
  'Set-Cookie: c=d, e',
  'Location: /x',
  'Server: hostile',
  'Date: Fri, 27 Nov 2026 10:00:00 GMT',
  'ETag: "a"',
  'Vary: *',
  'Content-Type: text/plain; charset=utf-8',
  'Connection: close',
  'Connection: keep-alive',
  `Connection: close, ${SAW}`,
  'Connection: x-a',
  'Keep-Alive: timeout=5',
  'Proxy-Connection: close',
  'Upgrade: h2c',
  'Upgrade: websocket\r\nConnection: Upgrade',
  'Trailer: x-t',
  'TE: trailers',
  'WWW-Authenticate: Basic',
  'X-Accel-Redirect: /a',
  'Content-Location: /b',
  'Alt-Svc: h2=":1"',
];

export const ANSWER_MUTATORS: Readonly<Record<string, Mutator>> = {
  'te added': (draft, roll) => insert(draft, roll, roll.pick(Object.values(S.TRANSFER_CODINGS))),
  'te spelled': (draft, roll) => {
    unframe(draft);
    chunk(draft, roll);
    insert(draft, roll, roll.pick(Object.values(S.TRANSFER_CODINGS)));
  },
  'cl added': (draft, roll) => {
    const length = roll.pick(S.LENGTHS).replaceAll('N', String(roll.chance(0.7) ? body(draft).length : roll.below(60)));
    insert(draft, roll, `${roll.pick(S.LENGTH_NAMES)}: ${length}`);
  },
  'cl spelled': (draft, roll) => {
    unframe(draft);
    draft.coded = 'length';
    insert(draft, roll, `Content-Length: ${roll.pick(S.LENGTHS).replaceAll('N', String(body(draft).length))}`);
  },
  'cl wrong': (draft, roll) => {
    unframe(draft);
    insert(draft, roll, `Content-Length: ${Math.max(0, body(draft).length + roll.below(21) - 10)}`);
  },
  'cl and te': (draft, roll) => {
    unframe(draft);
    chunk(draft, roll);
    insert(draft, roll, 'Transfer-Encoding: chunked');
    insert(draft, roll, `Content-Length: ${roll.chance(0.5) ? body(draft).length : roll.below(12)}`);
  },
  unframed: unframe,
  version: (draft, roll) => {
    draft.version = roll.pick(S.VERSIONS);
  },
  status: (draft, roll) => {
    draft.status = roll.pick(STATUSES);
  },
  reason: (draft, roll) => {
    draft.reason = roll.pick([
      '',
      ' ',
      ' OK\0',
      ' a\rb',
      ' \xe4',
      ' OK\tOK',
      '\tOK',
      ' a\nX: y',
      'OK',
      ' '.repeat(5),
      ` ${'r'.repeat(9000)}`,
    ]);
  },
  'chunk line': (draft, roll) => {
    if (draft.coded !== 'chunked') chunk(draft, roll);
    const at = roll.below(draft.chunks.length);
    const data = draft.chunks[at]?.split('\r\n').slice(1).join('\r\n') ?? '';
    draft.chunks[at] =
      `${roll.pick(S.CHUNK_LINES).replaceAll('S', Math.max(0, data.length - 2).toString(16))}\r\n${data}`;
  },
  'chunk end': (draft, roll) => {
    if (draft.coded !== 'chunked') chunk(draft, roll);
    const at = roll.below(draft.chunks.length);
    draft.chunks[at] = (draft.chunks[at] ?? '').replace(/\r\n$/, () => roll.pick([...S.LINE_ENDS, 'x', ' \r\n']));
  },
  'last chunk': (draft, roll) => {
    draft.last = roll.pick([
      '0\r\n',
      '0\n\n',
      '00\r\n\r\n',
      '0;a\r\n\r\n',
      '0 \r\n\r\n',
      '0\r\nX-T: 1\r\n\r\n',
      '0\r\nContent-Length: 5\r\n\r\n',
      '0\r\nTransfer-Encoding: chunked\r\n\r\n',
      '0\r\nX-T : 1\r\n\r\n',
      '0\r\n X\r\n\r\n',
      '',
      '0\r\nX-T: 1\n\r\n',
      '-0\r\n\r\n',
      `0\r\n${STRAY}`,
    ]);
  },
  'line ends': (draft, roll) => {
    draft.ends = roll.pick(S.LINE_ENDS);
  },
  'one line end': (draft, roll) => {
    const at = roll.below(draft.lines.length);
    draft.lines[at] = `${draft.lines[at] ?? ''}${roll.pick(S.LINE_ENDS)}X-B: c`;
  },
  'head end': (draft, roll) => {
    draft.headEnd = roll.pick([...S.LINE_ENDS, '\r\nX', '\n\r\n']);
  },
  before: (draft, roll) => {
    draft.before = roll.pick([
      '\r\n',
      '\n',
      ' ',
      '\0',
      STRAY,
      'HTTP/1.1 100 Continue\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n',
      'HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20),
    ]);
  },
  after: (draft, roll) => {
    draft.after = roll.pick([STRAY, '\r\n', 'x', '0\r\n\r\n', `\r\n${STRAY}`, 'HTTP/1.1 100 Continue\r\n\r\n']);
  },
  field: (draft, roll) => insert(draft, roll, roll.pick(roll.chance(0.5) ? ANSWER_FIELDS : S.FIELDS)),
  'field twice': (draft, roll) => insert(draft, roll, roll.pick(draft.lines)),
  large: (draft, roll) => {
    if (roll.chance(0.5)) insert(draft, roll, `X-L: ${'b'.repeat(roll.pick([8000, 60_000, 70_000]))}`);
    else for (let i = 0; i < 101; i += 1) draft.lines.push(`X-${i}: ${i}`);
  },
  'cut short': (draft, roll) => {
    draft.closes = true;
    draft.content = draft.content.slice(0, roll.below(draft.content.length + 1));
    draft.last = '';
  },
};
const NAMES = Object.keys(ANSWER_MUTATORS);

function good(roll: Roll, index: number): Draft {
  const draft: Draft = {
    version: roll.chance(0.95) ? 'HTTP/1.1' : 'HTTP/1.0',
    status: roll.pick(['200', '200', '200', '404', '500', '204', '304', '206']),
    reason: roll.pick([' OK', ' OK', ' ', ' Not Found']),
    lines: [`${SAW}: ${index}`],
    ends: '\r\n',
    headEnd: '\r\n',
    before: '',
    after: '',
    content: roll.chance(0.7) ? roll.pick(CONTENTS) : '',
    coded: 'none',
    chunks: [],
    last: '0\r\n\r\n',
    closes: roll.chance(0.15),
  };
  if (roll.chance(0.4)) insert(draft, roll, roll.pick(ANSWER_FIELDS));
  if (draft.status === '204' || draft.status === '304') {
    draft.content = '';
    return draft;
  }
  const kind = roll.below(8);
  if (kind === 0) draft.closes = true;
  else if (kind < 5) {
    draft.coded = 'length';
    insert(draft, roll, `Content-Length: ${draft.content.length}`);
  } else {
    chunk(draft, roll);
    insert(draft, roll, 'Transfer-Encoding: chunked');
  }
  return draft;
}

function http1Answer(roll: Roll, index: number): Http1Answer {
  const draft = good(roll, index);
  const mutators: string[] = [];
  for (let wanted = roll.pick([0, 1, 1, 1, 2, 2, 3]); wanted > 0; wanted -= 1) {
    const name = roll.pick(NAMES);
    ANSWER_MUTATORS[name]?.(draft, roll);
    mutators.push(name);
  }
  const method = roll.chance(0.12) ? 'HEAD' : 'GET';
  const withBody = method === 'GET' || roll.chance(0.1);
  const head = `${draft.version} ${draft.status}${draft.reason}\r\n${draft.lines.map((line) => line + draft.ends).join('')}${draft.headEnd}`;
  let text = `${draft.before}${head}${withBody ? body(draft) : ''}${draft.after}`;
  if (roll.chance(0.1)) {
    const at = roll.below(text.length + 1);
    text = text.slice(0, at) + roll.octet() + text.slice(at + roll.below(2));
    mutators.push('octets');
  }
  const cuts =
    text.length < 2 || roll.chance(0.8)
      ? []
      : [...new Set([1 + roll.below(text.length - 1), 1 + roll.below(text.length - 1)])].sort((a, b) => a - b);
  return { protocol: 'http1', mutators, method, text, cuts, closes: draft.closes };
}

const HTTP2_FIELDS: readonly Field[] = [
  ['transfer-encoding', 'chunked'],
  ['connection', 'close'],
  ['connection', SAW],
  ['keep-alive', 'a'],
  ['upgrade', 'h2c'],
  ['te', 'trailers'],
  ['proxy-connection', 'a'],
  ['content-length', '5'],
  ['content-length', '+5'],
  ['content-length', '0'],
  ['content-length', '5, 5'],
  ['set-cookie', 'a=b'],
  ['set-cookie', 'c=d'],
  ['X-A', 'b'],
  ['x-a', 'b\r\nset-cookie: evil'],
  ['x-a', 'b\nx: y'],
  ['x-a', 'b\0'],
  ['x-a', ' b'],
  ['x-a', 'b\t'],
  ['x-a', '\xff'],
  ['x a', 'b'],
  ['x-a:', 'b'],
  ['x-a: b\r\nx', 'b'],
  ['x-a\r\n\r\nstray', 'b'],
  ['', 'b'],
  [':status', '200'],
  [':path', '/'],
  ['host', 'a'],
  ['content-type', 'application/grpc'],
  ['grpc-status', '0'],
];

function http2Answer(roll: Roll, index: number): Http2Answer {
  const status = roll.pick(['200', '200', '200', '404', '204', '304', '503']);
  const final: Field[] = [
    [':status', status],
    [SAW, String(index)],
  ];
  const sections: Field[][] = [final];
  let data = roll.chance(0.6) && !/^(204|304)$/.test(status) ? [roll.pick(CONTENTS)] : [];
  let trailers: Field[] | undefined;
  let ends: Http2Answer['ends'] = 'last';
  const mutators: string[] = [];
  const turns: Readonly<Record<string, () => void>> = {
    field: () =>
      void final.splice(roll.chance(0.9) ? final.length : roll.below(final.length + 1), 0, roll.pick(HTTP2_FIELDS)),
    'true length': () => void final.push(['content-length', String(data.join('').length)]),
    status: () => {
      final[0] = [':status', roll.pick([...STATUSES, '200\r\nx: y', '200 OK'])];
    },
    'no status': () => void final.shift(),
    'status late': () => void final.push(...final.splice(0, 1)),
    interim: () =>
      void sections.unshift([
        [':status', roll.pick(['100', '103', '103', '101', '199'])],
        ...(roll.chance(0.5) ? [roll.pick(HTTP2_FIELDS)] : []),
      ]),
    data: () => {
      data = Array.from({ length: 1 + roll.below(3) }, () => roll.pick(CONTENTS));
    },
    trailers: () => {
      trailers = [roll.pick([...HTTP2_FIELDS, ['x-t', 'v'] as const, ['grpc-status', '0'] as const])];
    },
    reset: () => {
      ends = roll.pick(['reset', 'both']);
    },
    'many fields': () => {
      for (let turn = roll.pick([50, 99, 101, 200]); turn > 0; turn -= 1) final.push([`x-${turn}`, 'v']);
    },
  };
  for (let wanted = roll.pick([0, 1, 1, 1, 2, 2, 3]); wanted > 0; wanted -= 1) {
    const name = roll.pick(Object.keys(turns));
    turns[name]?.();
    mutators.push(name);
  }
  const method = roll.chance(0.12) ? 'HEAD' : 'GET';
  return {
    protocol: 'http2',
    mutators,
    method,
    sections,
    data: method === 'HEAD' && roll.chance(0.9) ? [] : data,
    trailers,
    ends,
  };
}
