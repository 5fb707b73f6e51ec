/** Error codes of RFC 9113, 7, and the closed set of faults of the codec with the code that each sends. A fault carries no bytes of the peer. */
import type { HpackFault } from '../hpack/index.ts';

export const NO_ERROR = 0;
export const PROTOCOL_ERROR = 1;
export const INTERNAL_ERROR = 2;
export const FLOW_CONTROL_ERROR = 3;
export const SETTINGS_TIMEOUT = 4;
export const STREAM_CLOSED = 5;
export const FRAME_SIZE_ERROR = 6;
export const REFUSED_STREAM = 7;
export const CANCEL = 8;
export const COMPRESSION_ERROR = 9;
export const CONNECT_ERROR = 10;
export const ENHANCE_YOUR_CALM = 11;
export const INADEQUATE_SECURITY = 12;
export const HTTP_1_1_REQUIRED = 13;

const TABLE = {
  preface: [PROTOCOL_ERROR, 'the connection does not begin with the preface and SETTINGS (RFC 9113, 3.4)'],
  'frame-size': [FRAME_SIZE_ERROR, 'a frame is longer than we allow or has not the length of its type (RFC 9113, 4.2)'],
  'stream-id': [PROTOCOL_ERROR, 'a frame on a stream where its type is not allowed (RFC 9113, 5.1.1)'],
  'stream-idle': [PROTOCOL_ERROR, 'a frame on a stream that was never opened (RFC 9113, 5.1)'],
  'stream-closed': [STREAM_CLOSED, 'a frame on a stream that has ended (RFC 9113, 5.1)'],
  'stream-refused': [REFUSED_STREAM, 'more streams at a time than we allow (RFC 9113, 5.1.2)'],
  continuation: [PROTOCOL_ERROR, 'a header block is interrupted, or a CONTINUATION belongs to none (RFC 9113, 6.10)'],
  'header-block': [ENHANCE_YOUR_CALM, 'a header block is longer than we allow'],
  compression: [COMPRESSION_ERROR, 'a header block cannot be decoded (RFC 9113, 4.3)'],
  padding: [PROTOCOL_ERROR, 'padding takes all of a frame or more (RFC 9113, 6.1)'],
  dependency: [PROTOCOL_ERROR, 'a stream depends on itself (RFC 7540, 5.3.1)'],
  settings: [PROTOCOL_ERROR, 'a setting has a value that is not allowed (RFC 9113, 6.5.2)'],
  'settings-window': [FLOW_CONTROL_ERROR, 'an initial window above 2^31-1 (RFC 9113, 6.5.2)'],
  push: [PROTOCOL_ERROR, 'a push that nobody allowed (RFC 9113, 8.4)'],
  'window-zero': [PROTOCOL_ERROR, 'a window update of 0 (RFC 9113, 6.9)'],
  'window-overflow': [FLOW_CONTROL_ERROR, 'a window grows above 2^31-1 (RFC 9113, 6.9.1)'],
  'window-exceeded': [FLOW_CONTROL_ERROR, 'more data than the window has room for (RFC 9113, 6.9)'],
  flood: [ENHANCE_YOUR_CALM, 'too many resets or control frames in a short time'],
  'field-name': [PROTOCOL_ERROR, 'a field name is empty, not lower case or not a token (RFC 9113, 8.2.1)'],
  'field-value': [PROTOCOL_ERROR, 'a field value holds a control octet or white space at an end (RFC 9113, 8.2.1)'],
  'field-connection': [PROTOCOL_ERROR, 'a field that belongs to a connection of HTTP/1.1 (RFC 9113, 8.2.2)'],
  'pseudo-header': [
    PROTOCOL_ERROR,
    'a pseudo-header is unknown, repeated, missing, misplaced or malformed (RFC 9113, 8.3)',
  ],
  host: [PROTOCOL_ERROR, 'no authority, or Host and :authority differ (RFC 9113, 8.3.1)'],
  'content-length': [PROTOCOL_ERROR, 'the data is not as long as Content-Length says (RFC 9113, 8.1.1)'],
  trailers: [
    PROTOCOL_ERROR,
    'trailers that do not end the stream or hold a field that frames or routes (RFC 9113, 8.1)',
  ],
  message: [PROTOCOL_ERROR, 'frames of a message in the wrong order (RFC 9113, 8.1)'],
} as const satisfies Record<string, readonly [number, string]>;

export type Http2FaultCode = keyof typeof TABLE;

export interface Http2Fault {
  readonly code: Http2FaultCode;
  /** Error code for RST_STREAM or GOAWAY. */
  readonly error: number;
  readonly message: string;
}

const made = (code: Http2FaultCode): Http2Fault => ({ code, error: TABLE[code][0], message: TABLE[code][1] });

/** Every fault by its code; one object a code, so that faults compare by identity. */
export const HTTP2_FAULTS: Readonly<Record<Http2FaultCode, Http2Fault>> = (() => {
  const all: Partial<Record<Http2FaultCode, Http2Fault>> = {};
  for (const code of Object.keys(TABLE) as Http2FaultCode[]) all[code] = made(code);
  return all as Record<Http2FaultCode, Http2Fault>;
})();

/** The fault for a header block; a bomb is told apart from broken coding. */
export const compressionFault = (fault: HpackFault): Http2Fault =>
  HTTP2_FAULTS[fault === 'list-too-large' ? 'header-block' : 'compression'];
