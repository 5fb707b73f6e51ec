/**
 * Where a compiled rule comes from: `Kind/namespace/name#field.path` (DESIGN, idea 8), e.g. `HTTPRoute/shop/orders#spec.rules[1]`.
 * Travels as Envoy filter metadata under the key `dev.weft`, field `source`. Absent on configuration that nobody compiled.
 */
export type Source = string;

/** What a rule is called where proxies name it (RBAC): its source, and after `@` where that stands, e.g. `AccessPolicy/shop/orders#spec.rules[1]@mesh.yaml:31`. */
const PLACED = /^([A-Z][A-Za-z]*\/[^\s@#]+#[^\s@]+)(?:@(\S+))?$/;
const LONGEST_FILE = 256;

/** `file`: any text; of a long one its end. What would not stand as it is in a line or a header is percent-encoded. */
export const placedName = (source: Source, file: string, line: number): string =>
  `${source}@${encodeURI(file.toWellFormed().slice(-LONGEST_FILE).toWellFormed())}:${line}`;

/** undefined: nobody called it so. `place`: '' without. */
export function parsePlacedName(name: string): { readonly source: Source; readonly place: string } | undefined {
  const [, source, place = ''] = PLACED.exec(name) ?? [];
  return source === undefined ? undefined : { source, place };
}
