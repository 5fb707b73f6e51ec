/** For tests: frames as octets, right or wrong ones. */
import { HpackEncoder, OctetWriter } from '../../hpack/index.ts';
import { PREFACE, writeFrameHead } from '../frames.ts';

export const octets = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

export function frame(type: number, flags: number, stream: number, payload: Uint8Array | string = ''): Uint8Array {
  const out = new OctetWriter();
  const bytes = typeof payload === 'string' ? Uint8Array.from(Buffer.from(payload, 'hex')) : payload;
  writeFrameHead(out, bytes.length, type, flags, stream);
  out.octets(bytes, 0, bytes.length);
  return out.take();
}

export const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

export const OPENING = joined([octets(PREFACE), frame(4, 0, 0)]);

/** A header block that uses no dynamic table. */
export function block(fields: readonly (readonly [string, string])[]): Uint8Array {
  const encoder = new HpackEncoder();
  const out = new OctetWriter();
  encoder.setMaximum(0);
  for (const [name, value] of fields) encoder.text(out, name, value);
  return out.take();
}

export const GET: readonly (readonly [string, string])[] = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':authority', 'a.example'],
  [':path', '/x?y'],
];
