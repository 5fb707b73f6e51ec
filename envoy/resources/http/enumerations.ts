/** Enumerations of the HTTP connection manager beside ours. */
import type { ForwardClientCert, HttpConnectionManager } from '@weft/core/proxy-config';
import type { EnumTable } from '../base/enumeration.ts';

type Manager = HttpConnectionManager;

export const CODECS: EnumTable<Manager['codec'], 'AUTO' | 'HTTP1' | 'HTTP2'> = [
  ['auto', 'AUTO'],
  ['http1', 'HTTP1'],
  ['http2', 'HTTP2'],
];

export const SERVER_HEADER: EnumTable<
  Manager['serverHeaderTransformation'],
  'OVERWRITE' | 'APPEND_IF_ABSENT' | 'PASS_THROUGH'
> = [
  ['overwrite', 'OVERWRITE'],
  ['append-if-absent', 'APPEND_IF_ABSENT'],
  ['pass-through', 'PASS_THROUGH'],
];

/** Envoy's implementation-specific default keeps slashes as they are. */
export const ESCAPED_SLASHES: EnumTable<
  Manager['pathWithEscapedSlashes'],
  | 'IMPLEMENTATION_SPECIFIC_DEFAULT'
  | 'KEEP_UNCHANGED'
  | 'REJECT_REQUEST'
  | 'UNESCAPE_AND_REDIRECT'
  | 'UNESCAPE_AND_FORWARD'
> = [
  ['keep-unchanged', 'IMPLEMENTATION_SPECIFIC_DEFAULT'],
  ['keep-unchanged', 'KEEP_UNCHANGED'],
  ['reject-request', 'REJECT_REQUEST'],
  ['unescape-and-redirect', 'UNESCAPE_AND_REDIRECT'],
  ['unescape-and-forward', 'UNESCAPE_AND_FORWARD'],
];

export const UNDERSCORES: EnumTable<Manager['headersWithUnderscores'], 'ALLOW' | 'REJECT_REQUEST' | 'DROP_HEADER'> = [
  ['allow', 'ALLOW'],
  ['reject-request', 'REJECT_REQUEST'],
  ['drop-header', 'DROP_HEADER'],
];

export const CLIENT_CERT: EnumTable<
  ForwardClientCert['details'],
  'SANITIZE' | 'FORWARD_ONLY' | 'APPEND_FORWARD' | 'SANITIZE_SET' | 'ALWAYS_FORWARD_ONLY'
> = [
  ['sanitize', 'SANITIZE'],
  ['forward-only', 'FORWARD_ONLY'],
  ['append-forward', 'APPEND_FORWARD'],
  ['sanitize-set', 'SANITIZE_SET'],
  ['always-forward-only', 'ALWAYS_FORWARD_ONLY'],
];
