/** For tests: what a reader said about some bytes, as plain values that can be compared. */
import {
  type RequestReader,
  type ResponseReader,
  STEP_BODY,
  STEP_END,
  STEP_FAULT,
  STEP_HEAD,
  STEP_MORE,
  type FieldBlock,
} from '../index.ts';
import { latin1, octetsOf } from '../octets.ts';

export interface SeenMessage {
  start: string;
  fields: [string, string][];
  body: string;
  trailers: [string, string][];
  complete: boolean;
}
export interface Transcript {
  messages: SeenMessage[];
  fault: string | undefined;
}

export const fieldsOf = (block: FieldBlock | undefined): [string, string][] =>
  Array.from({ length: block?.count ?? 0 }, (_, index): [string, string] => [
    block?.name(index) ?? '',
    block?.value(index) ?? '',
  ]);

/** Feeds `input` cut at `cuts`, each piece in a buffer that is overwritten afterwards, and `finish`es when `ended`. */
export function transcript(
  reader: RequestReader | ResponseReader,
  input: string,
  cuts: readonly number[],
  ended = false,
): Transcript {
  const seen: Transcript = { messages: [], fault: undefined };
  const bytes = octetsOf(input);
  const edges = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b);
  let message: SeenMessage | undefined;
  const step = (given: number): boolean => {
    if (given === STEP_HEAD) {
      const start =
        'method' in reader && 'form' in reader
          ? `${reader.method} ${latin1(reader.head.bytes, reader.targetStart, reader.targetEnd)} ${reader.minor} ${latin1(reader.head.bytes, reader.hostStart, reader.hostEnd)} ${reader.form} ${reader.keepAlive} ${reader.expectation}`
          : `${(reader as ResponseReader).status} ${reader.minor} ${reader.keepAlive} ${latin1(reader.head.bytes, (reader as ResponseReader).reasonStart, (reader as ResponseReader).reasonEnd)}`;
      message = { start, fields: fieldsOf(reader.head), body: '', trailers: [], complete: false };
      seen.messages.push(message);
    } else if (given === STEP_BODY) {
      if (message !== undefined) message.body += latin1(reader.bytes, reader.body.sliceStart, reader.body.sliceEnd);
    } else if (given === STEP_END) {
      if (message !== undefined) {
        message.trailers = fieldsOf(reader.body.trailers);
        message.complete = true;
      }
    } else if (given === STEP_FAULT) seen.fault = reader.fault.code;
    return given !== STEP_MORE && given !== STEP_FAULT;
  };
  for (let k = 0; k + 1 < edges.length && seen.fault === undefined; k += 1) {
    const piece = bytes.slice(edges[k], edges[k + 1]);
    reader.feed(piece, 0, piece.length);
    while (step(reader.next()));
    piece.fill(0);
  }
  if (ended && seen.fault === undefined && !reader.isIdle) step(reader.finish());
  return seen;
}
