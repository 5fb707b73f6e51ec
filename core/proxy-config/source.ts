/**
 * Where a compiled rule comes from: `Kind/namespace/name#field.path` (DESIGN, idea 8), e.g. `HTTPRoute/shop/orders#spec.rules[1]`.
 * Travels as Envoy filter metadata under the key `dev.weft`, field `source`. Absent on configuration that nobody compiled.
 */
export type Source = string;
