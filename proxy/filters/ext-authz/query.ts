/** A query with parameters set and removed; names and values as they stand on the wire. As in Envoy, what comes out is ordered by name. */
export function queryWithout(
  query: string | undefined,
  set: readonly (readonly [name: string, value: string])[],
  remove: readonly string[],
): string | undefined {
  const values = new Map<string, string[]>();
  for (const pair of query === undefined || query === '' ? [] : query.split('&')) {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    const value = equals < 0 ? '' : pair.slice(equals + 1);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  for (const [name, value] of set) values.set(safe(name), [safe(value)]);
  for (const name of remove) values.delete(name);
  const pairs = [...values.keys()]
    .toSorted()
    .flatMap((name) => (values.get(name) ?? []).map((value) => `${name}=${value}`));
  return pairs.length === 0 ? undefined : pairs.join('&');
}

/** Nothing that a service says can end the target or the parameter. */
const safe = (text: string): string =>
  text.replace(/[^!$'()*+,\-./0-9:;=?@A-Z_a-z~%]/gu, (character) => encodeURIComponent(character.toWellFormed()));
