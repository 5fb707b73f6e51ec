/** Frame types, flags and settings (RFC 9113, 6), and the frames that need no stream, written as octets. */
import type { OctetWriter } from '../hpack/index.ts';

export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
export const PRIORITISED = 32;

export const SETTING_HEADER_TABLE_SIZE = 1;
export const SETTING_ENABLE_PUSH = 2;
export const SETTING_MAX_CONCURRENT_STREAMS = 3;
export const SETTING_INITIAL_WINDOW_SIZE = 4;
export const SETTING_MAX_FRAME_SIZE = 5;
export const SETTING_MAX_HEADER_LIST_SIZE = 6;
/** RFC 8441, 3. */
export const SETTING_ENABLE_CONNECT_PROTOCOL = 8;

/** What every peer allows from the start (RFC 9113, 6.5.2). */
export const DEFAULT_WINDOW = 65_535;
export const DEFAULT_FRAME_SIZE = 16_384;
export const MAX_WINDOW = 2_147_483_647;
export const FRAME_HEAD = 9;

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

export function writeFrameHead(out: OctetWriter, length: number, type: number, flags: number, stream: number): void {
  out.reserve(FRAME_HEAD);
  out.uint24(length);
  out.octet(type);
  out.octet(flags);
  out.uint32(stream);
}

export function writeSettings(out: OctetWriter, settings: readonly (readonly [id: number, value: number])[]): void {
  writeFrameHead(out, settings.length * 6, SETTINGS, 0, 0);
  for (const [id, value] of settings) {
    out.octet(id >>> 8);
    out.octet(id & 255);
    out.uint32(value);
  }
}

export function writeWindowUpdate(out: OctetWriter, stream: number, increment: number): void {
  writeFrameHead(out, 4, WINDOW_UPDATE, 0, stream);
  out.uint32(increment);
}

export function writeReset(out: OctetWriter, stream: number, error: number): void {
  writeFrameHead(out, 4, RST_STREAM, 0, stream);
  out.uint32(error);
}

export function writeGoAway(out: OctetWriter, lastStream: number, error: number): void {
  writeFrameHead(out, 8, GOAWAY, 0, 0);
  out.uint32(lastStream);
  out.uint32(error);
}

/** `octets`: 8 of them from `start`. */
export function writePing(out: OctetWriter, ack: boolean, octets: Uint8Array, start: number): void {
  writeFrameHead(out, 8, PING, ack ? ACK : 0, 0);
  out.octets(octets, start, start + 8);
}

export const uint32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0;
