/**
 * Generates HTTP/1.1 payloads: one to three requests by the grammar, up to three things done to them, and some octets changed at random. Bodies
 * often look like requests, so that whoever takes the wrong end sees one more.
 */
import type { Http1Payload } from './payload.ts';
import type { Roll } from './roll.ts';
import * as S from './spellings.ts';

interface Draft {
  method: string;
  target: string;
  version: string;
  lines: string[];
  ends: string;
  headEnd: string;
  before: string;
  /** The content; `coded` is how it travels. */
  content: string;
  coded: 'none' | 'length' | 'chunked';
  chunks: string[];
  last: string;
}

type Mutator = (draft: Draft, roll: Roll) => void;

export const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: ring.test\r\n\r\n';
const CONTENTS = [
  '',
  'a',
  'hello',
  '0\r\n\r\n',
  HIDDEN,
  `0\r\n\r\n${HIDDEN}`,
  'x'.repeat(300),
  `\r\n${HIDDEN}`,
  'GET /hidden HTTP/1.1\r\nX: ',
];

const insert = (draft: Draft, roll: Roll, line: string): void =>
  void draft.lines.splice(roll.below(draft.lines.length + 1), 0, line);

/** Takes every framing field away. */
const unframe = (draft: Draft): void => {
  draft.lines = draft.lines.filter((line) => !/^(content-length|transfer-encoding)/i.test(line));
};

const lengthOf = (draft: Draft): number => body(draft).length;

export const MUTATORS: Readonly<Record<string, Mutator>> = {
  'te added': (draft, roll) => {
    insert(draft, roll, roll.pick(Object.values(S.TRANSFER_CODINGS)));
  },
  'te spelled': (draft, roll) => {
    unframe(draft);
    chunk(draft, roll);
    insert(draft, roll, roll.pick(Object.values(S.TRANSFER_CODINGS)));
  },
  'cl added': (draft, roll) => {
    const length = roll.pick(S.LENGTHS).replaceAll('N', String(roll.chance(0.7) ? lengthOf(draft) : roll.below(60)));
    insert(draft, roll, `${roll.pick(S.LENGTH_NAMES)}: ${length}`);
  },
  'cl spelled': (draft, roll) => {
    unframe(draft);
    draft.coded = 'length';
    insert(draft, roll, `Content-Length: ${roll.pick(S.LENGTHS).replaceAll('N', String(lengthOf(draft)))}`);
  },
  'cl wrong': (draft, roll) => {
    unframe(draft);
    insert(draft, roll, `Content-Length: ${Math.max(0, lengthOf(draft) + roll.below(21) - 10)}`);
  },
  'cl and te': (draft, roll) => {
    unframe(draft);
    chunk(draft, roll);
    insert(draft, roll, 'Transfer-Encoding: chunked');
    insert(draft, roll, `Content-Length: ${roll.chance(0.5) ? lengthOf(draft) : roll.below(12)}`);
  },
  unframed: unframe,
  'host spelled': (draft, roll) => {
    draft.lines = draft.lines.filter((line) => !/^host/i.test(line));
    if (roll.chance(0.9)) insert(draft, roll, roll.pick(S.HOSTS));
  },
  'host added': (draft, roll) => insert(draft, roll, roll.pick(S.HOSTS)),
  target: (draft, roll) => {
    draft.target = roll.pick(S.TARGETS);
  },
  version: (draft, roll) => {
    draft.version = roll.pick(S.VERSIONS);
  },
  method: (draft, roll) => {
    draft.method = roll.pick(S.METHODS);
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
    draft.chunks[at] = (draft.chunks[at] ?? '').replace(/\r\n$/, () => roll.pick([...S.LINE_ENDS, 'x', 'xx', ' \r\n']));
  },
  'last chunk': (draft, roll) => {
    draft.last = roll.pick([
      '0\r\n',
      '0\r\n\n',
      '0\n\n',
      '00\r\n\r\n',
      '0;a\r\n\r\n',
      '0 \r\n\r\n',
      '0\r\nX-T: 1\r\n\r\n',
      '0\r\nContent-Length: 5\r\n\r\n',
      '0\r\nHost: b\r\n\r\n',
      '0\r\nTransfer-Encoding: chunked\r\n\r\n',
      '0\r\nX-T : 1\r\n\r\n',
      '0\r\n X\r\n\r\n',
      '0\r\nX\r\n\r\n',
      '',
      '0\r\nX-T: 1\n\r\n',
      '0\r\nX-T: a\0\r\n\r\n',
      '-0\r\n\r\n',
      '0x0\r\n\r\n',
      '0\r\n\r\r\n',
      `0\r\n${HIDDEN}`,
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
      '\r\n\r\n',
      '\n',
      '\r',
      ' ',
      '\0',
      '\r\n ',
      '\x16\x03\x01',
      'PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r\n',
    ]);
  },
  field: (draft, roll) => insert(draft, roll, roll.pick(S.FIELDS)),
  'field twice': (draft, roll) => insert(draft, roll, roll.pick(draft.lines.length === 0 ? ['X: y'] : draft.lines)),
  separators: (draft, roll) => {
    const space = roll.pick(['  ', '\t', ' \t', '\x0b', '\x0c', '\r', '', '\xa0']);
    if (roll.chance(0.5)) draft.method += space.slice(0, -1);
    else draft.target += space;
  },
  large: (draft, roll) => {
    const size = roll.pick([8000, 16_384, 60_000, 70_000]);
    const where = roll.below(3);
    if (where === 0) draft.target += '/'.concat('a'.repeat(size));
    else if (where === 1) insert(draft, roll, `X-L: ${'b'.repeat(size)}`);
    else for (let i = 0; i < 101; i += 1) draft.lines.push(`X-${i}: ${i}`);
  },
};

const NAMES = Object.keys(MUTATORS);

function chunk(draft: Draft, roll: Roll): void {
  draft.coded = 'chunked';
  draft.chunks = [];
  let left = draft.content;
  while (left !== '') {
    const size = roll.chance(0.6) ? left.length : 1 + roll.below(left.length);
    draft.chunks.push(`${size.toString(16)}\r\n${left.slice(0, size)}\r\n`);
    left = left.slice(size);
  }
  if (draft.chunks.length === 0) draft.chunks.push('1\r\nx\r\n');
}

const body = ({ coded, content, chunks, last }: Draft): string =>
  coded === 'chunked' ? chunks.join('') + last : coded === 'length' ? content : '';

function good(roll: Roll): Draft {
  const withBody = roll.chance(0.65);
  const draft: Draft = {
    method: withBody
      ? roll.pick(['POST', 'POST', 'PUT', 'GET', 'DELETE'])
      : roll.pick(['GET', 'GET', 'HEAD', 'OPTIONS']),
    target: roll.pick(['/a', '/a?b=c', '/a/b']),
    version: 'HTTP/1.1',
    lines: ['Host: ring.test'],
    ends: '\r\n',
    headEnd: '\r\n',
    before: '',
    content: withBody ? roll.pick(CONTENTS) : '',
    coded: 'none',
    chunks: [],
    last: '0\r\n\r\n',
  };
  if (roll.chance(0.4)) insert(draft, roll, roll.pick(S.FIELDS.slice(0, 12)));
  if (!withBody) return draft;
  if (roll.chance(0.5)) {
    chunk(draft, roll);
    insert(draft, roll, 'Transfer-Encoding: chunked');
  } else {
    draft.coded = 'length';
    insert(draft, roll, `Content-Length: ${draft.content.length}`);
  }
  return draft;
}

const textOf = (draft: Draft): string =>
  `${draft.before}${draft.method} ${draft.target}${draft.version === '' ? '' : ` ${draft.version}`}\r\n${draft.lines
    .map((line) => line + draft.ends)
    .join('')}${draft.headEnd}${body(draft)}`;

export function http1Payload(roll: Roll): Http1Payload {
  const mutators: string[] = [];
  const count = roll.pick([1, 1, 1, 2, 3]);
  const broken = roll.below(count);
  let text = '';
  for (let turn = 0; turn < count; turn += 1) {
    const draft = good(roll);
    if (turn === broken) {
      for (let wanted = roll.pick([0, 1, 1, 1, 2, 2, 2, 3]); wanted > 0; wanted -= 1) {
        const name = roll.pick(NAMES);
        MUTATORS[name]?.(draft, roll);
        mutators.push(name);
      }
    }
    text += textOf(draft);
  }
  if (roll.chance(0.15)) {
    text = scramble(text, roll);
    mutators.push('octets');
  }
  return {
    protocol: 'http1',
    mutators,
    connection: roll.chance(0.7) ? 'reused' : 'fresh',
    text,
    cuts: cutsOf(text, roll),
  };
}

function scramble(text: string, roll: Roll): string {
  let scrambled = text;
  for (let turn = 1 + roll.below(3); turn > 0; turn -= 1) {
    const at = roll.below(scrambled.length + 1);
    const rest = scrambled.slice(at);
    const kind = roll.below(5);
    if (kind === 0) scrambled = scrambled.slice(0, at) + roll.octet() + rest;
    else if (kind === 1) scrambled = scrambled.slice(0, at) + rest.slice(1);
    else if (kind === 2) scrambled = scrambled.slice(0, at) + roll.octet() + rest.slice(1);
    else if (kind === 3) scrambled = scrambled.slice(0, at) + rest.slice(0, 1 + roll.below(8)) + rest;
    else if (roll.chance(0.3)) scrambled = scrambled.slice(0, Math.max(1, at));
  }
  return scrambled;
}

/** Mostly one write; sometimes a few; now and then each octet alone. */
function cutsOf(text: string, roll: Roll): number[] {
  if (text.length < 2 || roll.chance(0.75)) return [];
  if (text.length < 200 && roll.chance(0.05)) return Array.from({ length: text.length - 1 }, (_, at) => at + 1);
  const cuts = Array.from({ length: 1 + roll.below(3) }, () => 1 + roll.below(text.length - 1));
  return [...new Set(cuts)].sort((a, b) => a - b);
}
