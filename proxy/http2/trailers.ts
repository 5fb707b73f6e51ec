/** Trailers of either version as a header block. */
import type { FieldBlock } from '@weft/wire/http1';
import type { Http2Stream } from '@weft/wire/http2';

export function encodeTrailers({ connection }: Http2Stream, trailers: FieldBlock): void {
  const { bytes, count } = trailers;
  for (let index = 0; index < count; index += 1) {
    if (trailers.dropped(index)) continue;
    const start = trailers.valueStart(index);
    const end = trailers.valueEnd(index);
    const name = trailers.nameStart(index);
    const hash = trailers.nameHash(index);
    const whole = trailers.hash(index);
    connection.encoder.field(connection.out, bytes, name, trailers.nameEnd(index), hash, bytes, start, end, whole);
  }
}
