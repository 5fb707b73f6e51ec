/** What one client sends: generated from a seed and an index, or read from the corpus. Octets are text, one character each. */
import { http1Payload } from './http1-payload.ts';
import { http2Payload } from './http2-payload.ts';
import { Roll } from './roll.ts';

export type Payload = Http1Payload | Http2Payload;

export interface Http1Payload {
  readonly protocol: 'http1';
  /** Names of what was done to a good request. */
  readonly mutators: readonly string[];
  /** On a connection that has served a good request before, or on a new one. */
  readonly connection: 'fresh' | 'reused';
  readonly text: string;
  /** Where the octets are cut into writes. */
  readonly cuts: readonly number[];
}

export interface Http2Payload {
  readonly protocol: 'http2';
  readonly mutators: readonly string[];
  readonly connection: 'fresh' | 'reused';
  /** As literal fields, in order. */
  readonly fields: readonly Field[];
  /** DATA frames. */
  readonly data: readonly string[];
  readonly trailers: readonly Field[] | undefined;
  /** Where END_STREAM stands; 'nowhere': the request never ends. */
  readonly ends: 'last' | 'nowhere';
  /** Octets of the header block a frame; 0: all in one. */
  readonly split: number;
  /** Padding of DATA frames; -1: none. */
  readonly padding: number;
}

export type Field = readonly [name: string, value: string];

/** Every third payload is HTTP/2. */
export function payloadOf(seed: number, index: number): Payload {
  const roll = new Roll(seed, index);
  return index % 3 === 2 ? http2Payload(roll) : http1Payload(roll);
}

/** One line that says everything about it. */
export const payloadText = (payload: object): string =>
  JSON.stringify(payload).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

export const readPayloads = (lines: string): readonly Payload[] =>
  lines
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Payload);
