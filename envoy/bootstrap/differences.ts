/** Where Weft is stricter than Envoy 1.40 on purpose. `--mode validate` prints this list; a test plays each example against both. */
export interface Difference {
  readonly id: string;
  /** The code of the finding that Weft makes of it. */
  readonly code: string;
  readonly what: string;
  readonly why: string;
}

export const INTENDED_DIFFERENCES: readonly Difference[] = [
  {
    id: 'unsupported-field',
    code: 'unsupported-field',
    what: 'fields and extensions that Weft does not implement are refused',
    why: 'nothing in a configuration is ignored in silence',
  },
  {
    id: 'unread-metadata',
    code: 'unsupported-field',
    what: 'filter metadata that nothing here reads (that of filter chains, but dev.weft) is refused',
    why: 'nothing here reads it',
  },
  {
    id: 'leading-zero',
    code: 'invalid-value',
    what: 'numbers with a leading zero are refused',
    why: 'Envoy reads them as octal, other YAML readers as decimal',
  },
  {
    id: 'empty-chain',
    code: 'missing-field',
    what: 'a filter chain without filters is refused',
    why: 'Envoy closes every connection of it',
  },
  {
    id: 'case-insensitive-regex',
    code: 'invalid-value',
    what: 'case_sensitive: false beside safe_regex is refused',
    why: 'Envoy ignores it there: write (?i) into the expression',
  },
  {
    id: 'duplicate-key',
    code: 'duplicate-field',
    what: 'a key that stands twice in one mapping is refused, as are bytes in which a singular field stands twice',
    why: 'readers differ in which of the two counts',
  },
  {
    id: 'trust-required',
    code: 'missing-field',
    what: 'a validation context without trusted_ca is refused',
    why: 'Envoy would verify nothing',
  },
  {
    id: 'network-rbac-on-http',
    code: 'invalid-value',
    what: 'rules about headers, paths and metadata of requests in a network RBAC filter are refused',
    why: 'there they never match, so that a deny rule would not deny',
  },
];
