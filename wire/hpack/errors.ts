/** The closed set of faults of a header block (RFC 7541). Each is a connection error COMPRESSION_ERROR, since the tables are out of step. */
export const HPACK_FAULTS = {
  truncated: 'a header block ends inside a field (RFC 7541, 6)',
  integer: 'an integer is too large or too long (RFC 7541, 5.1)',
  index: 'an index points outside of the tables (RFC 7541, 2.3.3)',
  huffman: 'a Huffman-coded string is broken (RFC 7541, 5.2)',
  'table-size': 'a dynamic table size above the limit we set (RFC 7541, 6.3)',
  'table-size-place': 'a dynamic table size update behind a field, or more than two (RFC 7541, 4.2)',
  'table-size-missing': 'the lower table size we set was not acknowledged by an update (RFC 7541, 4.2)',
  'list-too-large': 'the decoded fields exceed the limit many times over',
} as const;

export type HpackFault = keyof typeof HPACK_FAULTS;
