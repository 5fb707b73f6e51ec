/**
 * The engine's HTTP/1.1 codec (RFC 9110, RFC 9112): bytes to values and back, without sockets, strings a header, or leniency.
 * Public: the two readers, the writer and what they share.
 */
export {
  BodyReader,
  type Step,
  STEP_BODY,
  STEP_END,
  STEP_FAULT,
  STEP_HEAD,
  STEP_MORE,
} from './body-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export { FAULTS, type Http1Fault, type Http1FaultCode } from './errors.ts';
export { FieldBlock, type FieldsImage, forbiddenTrailer } from './field-block.ts';
export {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  type BodyKind,
  type ConnectionOptions,
  readConnection,
} from './framing.ts';
export { type HeaderName, headerName, KNOWN, type KnownName } from './names.ts';
export {
  equalsLower,
  equalsText,
  FIELD_VALUE,
  latin1,
  type Latin1Decoder,
  nextListElement,
  octetsOf,
} from './octets.ts';
export { isAuthority } from './authority.ts';
export { reasonOf } from './reasons.ts';
export {
  DEFAULT_LIMITS,
  type Expectation,
  type ReaderLimits,
  RequestReader,
  type TargetForm,
} from './request-reader.ts';
export { ResponseReader } from './response-reader.ts';
export { dropHopByHop, writeFields, writeLastChunk, writeRequestLine, writeStatusLine } from './serialise.ts';
