/** The closed set of findings that this package reports; each is a Diagnostic with one of these codes. */
export const ENVOY_FAULTS = {
  'malformed-bytes': 'the bytes are not the protobuf wire format',
  'malformed-text': 'the text is not YAML or JSON',
  'limit-exceeded': 'the message is larger or deeper than allowed',
  'unknown-field': 'Envoy 1.40 has no such field',
  'unknown-type': 'Envoy 1.40 has no such message',
  'unsupported-type': 'Envoy has the message, Weft does not support it',
  'unsupported-field': 'Envoy has the field, Weft does not support it',
  'unsupported-value': 'Envoy has the value, Weft does not support it',
  'disallowed-field': 'Envoy refuses the deprecated field by default',
  'wrong-type': 'the value has another type than the field',
  'unknown-enum-value': 'the enumeration has no such value',
  'duplicate-field': 'the field stands there twice',
  'oneof-conflict': 'two members of one oneof are set',
  'missing-field': 'Envoy requires the field',
  constraint: "the value breaks a limit that Envoy's API states",
  'invalid-value': 'the value cannot be used',
  'duplicate-name': 'two resources of one kind have the same name',
  inexpressible: 'the client cannot be told this',
} as const satisfies Record<string, string>;

export type EnvoyFault = keyof typeof ENVOY_FAULTS;

/** A value handed to a writer that the message cannot hold: a defect of the caller, not of an input. */
export class EncodeError extends TypeError {
  override readonly name = 'EncodeError';
}
