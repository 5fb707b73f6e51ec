/**
 * Access log formats: Envoy's command operators compiled once into pieces (`%REQ(NAME?OTHER):LENGTH%`). An unknown operator is a fault of the
 * configuration, never printed as it stands. Values from peers are cleaned of control characters.
 */
import type { ExchangeRecord } from '../ports.ts';
import { EVERY_FORGING, FORGING } from './json-text.ts';
import { type Operator, WrittenJson } from './operator.ts';
import { operatorOf } from './operators.ts';

export type Piece = string | Operator;

export const DEFAULT_FORMAT =
  '[%START_TIME%] "%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%" %RESPONSE_CODE% %RESPONSE_FLAGS% ' +
  '%BYTES_RECEIVED% %BYTES_SENT% %DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% "%REQ(X-FORWARDED-FOR)%" "%REQ(USER-AGENT)%" ' +
  '"%REQ(X-REQUEST-ID)%" "%REQ(:AUTHORITY)%" "%UPSTREAM_HOST%"\n';

/** Throws with the operator's text when there is no such operator. */
export function compileFormat(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(/%(?:%|([A-Z0-9_]+)(?:\(([^)]*)\))?(?::(\d+))?%)/g)) {
    if (match.index > at) pieces.push(text.slice(at, match.index));
    at = match.index + match[0].length;
    const [whole, name, argument, length] = match;
    if (name === undefined) pieces.push('%');
    else pieces.push(shortened(known(whole, name, argument), length));
  }
  if (text.indexOf('%', at) >= 0) throw new Error(`access log format: stray % in ${JSON.stringify(text.slice(at))}`);
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
}

function known(whole: string, name: string, argument: string | undefined): Operator {
  const operator = operatorOf(name, argument);
  if (operator === undefined) throw new Error(`access log format: ${whole} is not supported`);
  return operator;
}

export function render(pieces: readonly Piece[], record: ExchangeRecord): string {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else {
      const value = piece(record);
      text += value === undefined ? '-' : typeof value === 'string' ? clean(value) : plain(value);
    }
  }
  return text;
}

/** As `render`, for what is no line of a log: nothing is escaped, and what is not there is `absent`. */
export function renderPlain(pieces: readonly Piece[], record: ExchangeRecord, absent = ''): string {
  let text = '';
  for (const piece of pieces) {
    const value = typeof piece === 'string' ? piece : (piece(record) ?? absent);
    text += typeof value === 'string' ? value : plain(value);
  }
  return text;
}

const plain = (value: number | WrittenJson): string => (typeof value === 'number' ? String(value) : value.text);

/** Control characters, marks of direction and quotes of a peer must not forge a line. */
const clean = (text: string): string => (FORGING.test(text) ? text.replace(EVERY_FORGING, written) : text);

function written(character: string): string {
  const code = character.charCodeAt(0);
  return code > 255 ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, '0')}`;
}

function shortened(value: Operator, length: string | undefined): Operator {
  if (length === undefined) return value;
  const limit = Number(length);
  return (record) => {
    const full = value(record);
    if (full instanceof WrittenJson) return new WrittenJson(full.text.slice(0, limit));
    return typeof full === 'string' ? full.slice(0, limit) : full;
  };
}
