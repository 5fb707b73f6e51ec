/** gRPC over HTTP/2 as far as the engine must know it: which requests are gRPC, how errors are told to them, the status of an answer. */
import type { FieldBlock } from '@weft/wire/http1';
import { equalsLower, headerName, KNOWN } from '@weft/wire/http1';

const TYPE = 'application/grpc';
const STATUS = headerName('grpc-status');

/** `application/grpc`, alone or with a suffix or parameters; not gRPC-Web. */
export function isGrpc(fields: FieldBlock): boolean {
  const index = fields.findKnown(KNOWN['content-type']);
  if (index < 0) return false;
  const start = fields.valueStart(index);
  const end = fields.valueEnd(index);
  const { bytes } = fields;
  if (end - start < TYPE.length || !equalsLower(bytes, start, start + TYPE.length, TYPE)) return false;
  const next = bytes[start + TYPE.length];
  return end - start === TYPE.length || next === 43 || next === 59;
}

/** The gRPC status of an HTTP status (gRPC's http-grpc-status-mapping, as Envoy applies it to its own answers). */
export function grpcStatusOf(status: number): number {
  switch (status) {
    case 400:
      return 13;
    case 401:
      return 16;
    case 403:
      return 7;
    case 404:
      return 12;
    case 429:
    case 502:
    case 503:
    case 504:
      return 14;
    default:
      return 2;
  }
}

/** `grpc-status` of a section: 0 to 16 as told, 2 (unknown) for anything else, -1 when it is absent. */
export function grpcStatusIn(fields: FieldBlock | undefined): number {
  if (fields === undefined || STATUS === undefined) return -1;
  const index = fields.find(STATUS);
  if (index < 0) return -1;
  const text = fields.value(index);
  return /^(?:\d|1[0-6])$/.test(text) ? Number(text) : 2;
}

/** `grpc-message`: percent-encoded outside of printable ASCII. */
export const grpcMessage = (text: string): string =>
  encodeURIComponent(text).replace(/%(?:2[0-4]|2[6-9A-F]|3[A-F]|40|5[B-F]|60|7[B-E])/g, decodeURIComponent);
