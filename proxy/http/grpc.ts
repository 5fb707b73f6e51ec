/** gRPC over HTTP as far as the engine must know it (gRPC's PROTOCOL-HTTP2 and http-grpc-status-mapping): which requests are gRPC, how long they may take, how errors are told to them, the status of an answer. */
import { AnswerHeaders, type FailedAnswers } from './answer-matcher.ts';
import type { FieldBlock } from '@weft/wire/http1';
import { equalsLower, headerName, KNOWN } from '@weft/wire/http1';

const TYPE = 'application/grpc';
const STATUS = headerName('grpc-status');
export const DEADLINE_EXCEEDED = 4;

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

/** The gRPC status of an HTTP status, as Envoy applies it to its own answers and to those without grpc-status. */
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

/** google.rpc.Code's HTTP mapping, by gRPC status. */
const HTTP_STATUSES = [200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];

/** `grpc-status` of a section: 0 to 16 as told, 2 (unknown) for anything else, -1 when it is absent. */
export function grpcStatusIn(fields: FieldBlock | undefined): number {
  if (fields === undefined || STATUS === undefined) return -1;
  const index = fields.find(STATUS);
  if (index < 0) return -1;
  const { bytes } = fields;
  const start = fields.valueStart(index);
  const length = fields.valueEnd(index) - start;
  const last = (bytes[start + length - 1] as number) - 48;
  if (length === 1 && last >= 0 && last <= 9) return last;
  return length === 2 && bytes[start] === 49 && last >= 0 && last <= 6 ? 10 + last : 2;
}

/**
 * What outlier detection makes of an answer: of gRPC by its grpc-status, if that is in the head already, of others by their status; `failed` is
 * what the cluster says about either itself.
 */
export function judgedStatus(
  status: number,
  head: FieldBlock,
  grpc: boolean,
  failed: FailedAnswers | undefined,
): number {
  const told = grpc ? grpcStatusIn(head) : -1;
  if (failed === undefined) return told < 0 ? status : (HTTP_STATUSES[told] ?? 500);
  if (told >= 0) return failed.grpc === undefined ? (HTTP_STATUSES[told] ?? 500) : failed.grpc.has(told) ? 500 : 200;
  return failed.http === undefined ? status : failed.http(new AnswerHeaders(status, head)) ? 500 : 200;
}

/** `grpc-message`: percent-encoded outside of printable ASCII. */
export const grpcMessage = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /%(?:2[0-4]|2[6-9A-F]|3[A-F]|40|5[B-F]|60|7[B-E])/g,
    decodeURIComponent,
  );

const MS = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1000],
  ['m', 1],
  ['u', 1e-3],
  ['n', 1e-6],
]);

/** `grpc-timeout` in ms, rounded up; undefined for what is none (at most eight digits and a unit): Envoy and gRPC servers ignore that. */
export function grpcTimeout(text: string | undefined): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text ?? '');
  if (match === null) return undefined;
  return Math.ceil(Number(match[1]) * (MS.get(match[2] ?? '') ?? 0));
}

const MOST = 99_999_999;

/** The value of `grpc-timeout` for that many ms: the finest unit whose number has eight digits. */
export function grpcTimeoutText(ms: number): string {
  let time = Math.floor(ms);
  if (time <= MOST) return `${time}m`;
  time = Math.floor(time / 1000);
  if (time <= MOST) return `${time}S`;
  time = Math.floor(time / 60);
  if (time <= MOST) return `${time}M`;
  return `${Math.min(Math.floor(time / 60), MOST)}H`;
}
