/**
 * The closed set of faults of the HTTP/1.1 codec (RFC 9110, RFC 9112), each with the status that a server answers a faulty request
 * with. A faulty response is always answered 502 by whoever proxies it. After any fault the connection must be closed: where the
 * next message starts is unknown. A fault carries no bytes of the peer.
 */
export interface Http1Fault {
  readonly code: Http1FaultCode;
  /** Status of the answer to a request with this fault. */
  readonly status: 400 | 414 | 431 | 501 | 505;
  readonly message: string;
}

const TABLE = {
  'bare-lf': [400, 'a line ends with LF without CR (RFC 9112, 2.2)'],
  'bare-cr': [400, 'CR without LF (RFC 9112, 2.2)'],
  'empty-lines': [400, 'more than one empty line before the request line (RFC 9112, 2.2)'],
  method: [400, 'the method is not a token of at most 32 octets (RFC 9110, 9.1)'],
  target: [400, 'the request target is not origin, absolute, authority or asterisk form (RFC 9112, 3.2)'],
  'target-octet': [400, 'the request target holds an octet that no URI may hold (RFC 3986, 2)'],
  'target-too-long': [414, 'the request line exceeds the limit (RFC 9110, 15.5.15)'],
  version: [400, 'the protocol version is malformed (RFC 9112, 2.3)'],
  'version-unsupported': [505, 'the protocol version is not HTTP/1.0 or HTTP/1.1 (RFC 9110, 15.6.6)'],
  'status-line': [400, 'the status line is malformed (RFC 9112, 4)'],
  'header-name': [400, 'a header name is empty or not a token (RFC 9110, 5.1)'],
  'space-before-colon': [400, 'white space between header name and colon (RFC 9112, 5.1)'],
  'header-value': [400, 'a header value holds a control octet (RFC 9110, 5.5)'],
  'obs-fold': [400, 'a header line starts with white space (RFC 9112, 5.2)'],
  'head-too-large': [431, 'the header section exceeds the limit (RFC 6585, 5)'],
  'too-many-headers': [431, 'the header section has too many fields (RFC 6585, 5)'],
  'host-missing': [400, 'no Host header in an HTTP/1.1 request (RFC 9112, 3.2)'],
  'host-duplicate': [400, 'more than one Host header (RFC 9112, 3.2)'],
  'host-invalid': [400, 'the host is empty or not host[:port] (RFC 9110, 7.2)'],
  'host-differs': [400, 'Host and the absolute-form target name different hosts (RFC 9112, 3.2.2)'],
  'content-length': [400, 'Content-Length is not one plain decimal number (RFC 9110, 8.6)'],
  'content-length-duplicate': [400, 'more than one Content-Length (RFC 9112, 6.3)'],
  'content-length-and-transfer-encoding': [400, 'Content-Length beside Transfer-Encoding (RFC 9112, 6.1)'],
  'transfer-encoding': [400, 'Transfer-Encoding is not exactly chunked (RFC 9112, 6.1)'],
  'transfer-encoding-unsupported': [501, 'a transfer coding other than chunked (RFC 9112, 6.1)'],
  'chunk-size': [400, 'a chunk size is malformed or too large (RFC 9112, 7.1)'],
  'chunk-extension': [400, 'a chunk extension is malformed or too long (RFC 9112, 7.1.1)'],
  'chunk-end': [400, 'chunk data is not followed by CRLF (RFC 9112, 7.1)'],
  'trailer-forbidden': [400, 'a trailer field that may only be a header field (RFC 9110, 6.5.1)'],
  'trailers-too-large': [431, 'the trailer section exceeds the limit'],
  truncated: [400, 'the connection ended inside a message (RFC 9112, 8)'],
} as const satisfies Record<string, readonly [Http1Fault['status'], string]>;

export type Http1FaultCode = keyof typeof TABLE;

const made = (code: Http1FaultCode): Http1Fault => ({ code, status: TABLE[code][0], message: TABLE[code][1] });

/** Every fault by its code; one object a code, so that faults compare by identity. */
export const FAULTS: Readonly<Record<Http1FaultCode, Http1Fault>> = (() => {
  const all: Partial<Record<Http1FaultCode, Http1Fault>> = {};
  for (const code of Object.keys(TABLE) as Http1FaultCode[]) all[code] = made(code);
  return all as Record<Http1FaultCode, Http1Fault>;
})();
