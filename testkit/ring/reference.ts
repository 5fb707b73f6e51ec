/**
 * What a payload means by the text of RFC 9112 and RFC 9113, read independently of the engine's codec and at no hurry. An engine may refuse more
 * than this; it must never route what this does not read, nor something else than this reads.
 */
import { canonicalPath } from '@weft/core/decide';
import type { Field, Http1Payload, Http2Payload } from './payload.ts';

export interface Meaning {
  readonly method: string;
  /** As it must go on: canonical path with query, or `*`. */
  readonly target: string;
  /** Lower case. */
  readonly host: string;
  readonly body: string;
  /** End-to-end fields, names in lower case, values without white space around. */
  readonly fields: readonly Field[];
  /** What follows on the connection is none of the proxy's business any more. An upgrade to h2c is ignored (RFC 9110, 7.8). */
  readonly tunnels: boolean;
}

export interface Reading {
  readonly messages: readonly Meaning[];
  /** 'clean': nothing is left; 'more': a request has begun; 'bad': what follows the messages is no request. */
  readonly rest: 'clean' | 'more' | 'bad';
}

const TOKEN = "[!#$%&'*+\\-.^_`|~\\dA-Za-z]+";
const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([!-"$-~]+) HTTP/1\\.([01])$`);
export const FIELD_LINE = new RegExp(`^(${TOKEN}):[ \\t]*([\\t -~\\x80-\\xff]*?)[ \\t]*$`);
const HOST = /^(?:\[[\da-f:.]+\]|[\w\-.~!$&'()*+;=%]+)(?::\d{1,5})?$/i;
const QUOTED = '"(?:[\\t !#-\\[\\]-~\\x80-\\xff]|\\\\[\\t -~\\x80-\\xff])*"';
const CHUNK_LINE = new RegExp(`^([\\da-f]{1,16})(?:;${TOKEN}(?:=(?:${TOKEN}|${QUOTED}))?)*$`, 'i');
const UNTRAILED = new Set([
  'content-length',
  'transfer-encoding',
  'host',
  'connection',
  'te',
  'upgrade',
  'trailer',
  'authorization',
]);
export const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'te',
  'expect',
  'content-length',
  'host',
]);
const SAFE = { normalizePath: true, mergeSlashes: true, pathWithEscapedSlashes: 'reject-request' } as const;

export function readHttp1({ text }: Http1Payload): Reading {
  const messages: Meaning[] = [];
  let at = 0;
  for (;;) {
    if (at === text.length) return { messages, rest: 'clean' };
    const read = readOne(text, at);
    if (typeof read === 'string') return { messages, rest: read };
    messages.push(read.meaning);
    at = read.end;
    if (!read.keepAlive) return { messages, rest: at === text.length ? 'clean' : 'bad' };
  }
}

type One = { readonly meaning: Meaning; readonly end: number; readonly keepAlive: boolean } | 'more' | 'bad';

function readOne(text: string, from: number): One {
  const start = text.startsWith('\r\n', from) ? from + 2 : from;
  const headEnd = text.indexOf('\r\n\r\n', start);
  if (headEnd < 0) return 'more';
  const [line = '', ...lines] = text.slice(start, headEnd).split('\r\n');
  const [, method = '', target = '', minor = ''] = REQUEST_LINE.exec(line) ?? [];
  const fields = readFields(lines);
  if (method === '' || fields === undefined) return 'bad';
  const values = (name: string): string[] => fields.filter(([other]) => other === name).map(([, value]) => value);
  const hosts = values('host');
  if (hosts.length > 1 || (hosts.length === 0 && minor === '1') || hosts.some((host) => !HOST.test(host))) return 'bad';
  const aimed = aim(method, target, hosts[0]);
  if (aimed === undefined) return 'bad';
  const codings = values('transfer-encoding');
  const lengths = values('content-length');
  if (codings.length + lengths.length > 1) return 'bad';
  let body = '';
  let end = headEnd + 4;
  if (codings.length === 1) {
    if (codings[0]?.toLowerCase() !== 'chunked' || minor === '0') return 'bad';
    const chunks = readChunks(text, end);
    if (typeof chunks === 'string') return chunks;
    ({ body, end } = chunks);
  } else if (lengths.length === 1) {
    if (!/^(?:0|[1-9]\d{0,15})$/.test(lengths[0] ?? '')) return 'bad';
    const length = Number(lengths[0]);
    if (text.length - end < length) return 'more';
    body = text.slice(end, end + length);
    end += length;
  }
  const options = values('connection').flatMap((value) =>
    value
      .toLowerCase()
      .split(',')
      .map((option) => option.trim()),
  );
  return {
    meaning: {
      method,
      ...aimed,
      body,
      fields: fields.filter(([name]) => !HOP_BY_HOP.has(name) && !options.includes(name)),
      tunnels:
        method === 'CONNECT' ||
        (options.includes('upgrade') && values('upgrade').some((value) => value.toLowerCase() !== 'h2c')),
    },
    end,
    keepAlive: !options.includes('close') && (minor === '1' || options.includes('keep-alive')),
  };
}

function readFields(lines: readonly string[]): Field[] | undefined {
  const fields: Field[] = [];
  for (const line of lines) {
    const match = FIELD_LINE.exec(line);
    if (match === null) return undefined;
    fields.push([(match[1] ?? '').toLowerCase(), match[2] ?? '']);
  }
  return fields;
}

/** Where the request goes: RFC 9112, 3.2. */
function aim(method: string, target: string, host: string | undefined): { target: string; host: string } | undefined {
  if (method === 'CONNECT') return HOST.test(target) ? { target, host: target.toLowerCase() } : undefined;
  if (target === '*') return method === 'OPTIONS' ? { target, host: (host ?? '').toLowerCase() } : undefined;
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  if (absolute === null && !target.startsWith('/')) return undefined;
  const named = (absolute?.[1] ?? host ?? '').toLowerCase();
  if (absolute !== null && (!HOST.test(named) || (host !== undefined && host.toLowerCase() !== named)))
    return undefined;
  return { target: canonicalTarget(absolute?.[2] ?? target), host: named };
}

/** The canonical path with its query; the empty text when the engine must refuse it. */
function canonicalTarget(target: string): string {
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const canonical = canonicalPath(path === '' ? '/' : path, SAFE);
  return canonical.kind === 'refused' ? '' : canonical.path + (question < 0 ? '' : target.slice(question));
}

export function readChunks(text: string, from: number): { body: string; end: number } | 'more' | 'bad' {
  let at = from;
  let body = '';
  for (;;) {
    const lineEnd = text.indexOf('\r\n', at);
    if (lineEnd < 0) return 'more';
    const size = CHUNK_LINE.exec(text.slice(at, lineEnd))?.[1];
    if (size === undefined) return 'bad';
    const octets = Number.parseInt(size, 16);
    at = lineEnd + 2;
    if (octets === 0) break;
    if (text.length < at + octets + 2) return 'more';
    body += text.slice(at, at + octets);
    if (!text.startsWith('\r\n', at + octets)) return 'bad';
    at += octets + 2;
  }
  if (text.startsWith('\r\n', at)) return { body, end: at + 2 };
  const end = text.indexOf('\r\n\r\n', at);
  if (end < 0) return 'more';
  const trailers = readFields(text.slice(at, end).split('\r\n'));
  return trailers === undefined || trailers.some(([name]) => UNTRAILED.has(name)) ? 'bad' : { body, end: end + 4 };
}

export const VALUE = /^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;
export const LOWER_TOKEN = /^[!#$%&'*+\-.^_`|~\da-z]+$/;

/** RFC 9113, 8. 'bad' is malformed; 'more' when its end never comes. */
export function readHttp2({ fields, data, trailers, ends }: Http2Payload): Meaning | 'more' | 'bad' {
  const pseudo = new Map<string, string>();
  const plain: Field[] = [];
  for (const [name, value] of fields) {
    if (!VALUE.test(value)) return 'bad';
    if (name.startsWith(':')) {
      if (plain.length > 0 || pseudo.has(name) || !/^:(method|scheme|path|authority)$/.test(name)) return 'bad';
      pseudo.set(name, value);
    } else if (LOWER_TOKEN.test(name)) plain.push([name, value]);
    else return 'bad';
  }
  const values = (name: string): string[] => plain.filter(([other]) => other === name).map(([, value]) => value);
  if (
    ['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'].some(
      (name) => values(name).length > 0,
    )
  )
    return 'bad';
  if (values('te').some((value) => value.toLowerCase() !== 'trailers')) return 'bad';
  const method = pseudo.get(':method') ?? '';
  const path = pseudo.get(':path') ?? '';
  const [host = pseudo.get(':authority') ?? ''] = values('host');
  if (!new RegExp(`^${TOKEN}$`).test(method) || !HOST.test(host)) return 'bad';
  if (method !== 'CONNECT' && !/^https?$/.test(pseudo.get(':scheme') ?? '')) return 'bad';
  if (values('host').some((value) => value !== (pseudo.get(':authority') ?? value))) return 'bad';
  if (!/^[!-"$-~]+$/.test(path) || /^https?:/i.test(path)) return 'bad';
  const aimed = aim(method, path, host);
  const body = data.join('');
  const lengths = values('content-length');
  if (aimed === undefined || lengths.length > 1) return 'bad';
  if (
    lengths.length === 1 &&
    (!/^(?:0|[1-9]\d{0,15})$/.test(lengths[0] ?? '') || (ends === 'last' && Number(lengths[0]) !== body.length))
  )
    return 'bad';
  if (trailers?.some(([name, value]) => !LOWER_TOKEN.test(name) || !VALUE.test(value) || UNTRAILED.has(name)))
    return 'bad';
  if (ends === 'nowhere') return 'more';
  return { method, ...aimed, body, fields: plain.filter(([name]) => !HOP_BY_HOP.has(name)), tunnels: false };
}
