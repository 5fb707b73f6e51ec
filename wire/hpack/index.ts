/** HPACK (RFC 7541): header blocks of HTTP/2 to fields and back. Pure: bytes and values, no sockets. */
export { DecodeScratch, type FieldSink, HpackDecoder } from './decoder.ts';
export { HpackEncoder } from './encoder.ts';
export { HPACK_FAULTS, type HpackFault } from './errors.ts';
export { copyOf, OctetWriter, type Sink, SlabPool } from './octet-writer.ts';
export { FIELD_OVERHEAD } from './overhead.ts';
export { STATIC_FIELDS } from './static-table.ts';
