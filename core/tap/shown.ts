/**
 * What a tap shows of a stranger's text. Control characters (a terminal's escapes among them) become `\xNN`, texts are cut, and values of headers
 * and query parameters pass only where the name is known to hold no secret. One rule for every engine.
 */

/** Characters of a text, exchanges a second, and headers of a request that a tap may have. */
export const TAP_TEXT = 512;
export const TAP_RATE = 1000;
export const TAP_HEADERS = 32;

const REDACTED = '<redacted>';

// oxlint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** `…` says that it was longer. */
export function shownText(text: string): string {
  const clean = text.slice(0, TAP_TEXT).replace(CONTROLS, escape);
  return text.length > TAP_TEXT || clean.length > TAP_TEXT ? `${clean.slice(0, TAP_TEXT - 1)}…` : clean;
}

function escape(character: string): string {
  const code = character.charCodeAt(0);
  return code > 255 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\x${code.toString(16).padStart(2, '0')}`;
}

/** Headers whose values are shown: they say how something is asked for, not by whom. All others are named, with their values hidden. */
const SHOWN_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'grpc-accept-encoding',
  'grpc-encoding',
  'grpc-timeout',
  'origin',
  'range',
  'te',
  'traceparent',
  'upgrade',
  'user-agent',
  'x-b3-sampled',
  'x-b3-spanid',
  'x-b3-traceid',
  'x-envoy-attempt-count',
  'x-envoy-expected-rq-timeout-ms',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-request-id',
]);

export const shownHeader = (name: string, value: string): readonly [name: string, value: string] => [
  shownText(name),
  SHOWN_HEADERS.has(name) ? shownText(value) : REDACTED,
];

/** For engines that log to the agent: values of others need not even get that far. */
export const LOGGED_HEADERS: readonly string[] = [...SHOWN_HEADERS];

/** Headers that a tap asks a request for; of others an engine need not know whether they are there. */
export const TAPPED_HEADERS: readonly string[] = [
  ...SHOWN_HEADERS,
  'authorization',
  'cookie',
  'proxy-authorization',
  'x-api-key',
];

/** The query's names stay, its values are hidden. */
export function shownPath(path: string): string {
  const question = path.indexOf('?');
  if (question < 0) return shownText(path);
  const query = path
    .slice(question + 1, question + 1 + TAP_TEXT)
    .split('&')
    .map((pair) => (pair.includes('=') ? `${pair.slice(0, pair.indexOf('='))}=${REDACTED}` : pair));
  return shownText(`${path.slice(0, question)}?${query.join('&')}`);
}
