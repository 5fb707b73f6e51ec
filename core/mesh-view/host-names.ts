/** Host names with wildcards, as Gateway API means them: `*.a` covers `b.a` and `c.b.a`, not `a`. '' covers everything. */

const covers = (wide: string, narrow: string): boolean =>
  wide === '' ||
  wide === narrow ||
  (wide.startsWith('*.') && narrow !== '' && narrow.endsWith(wide.slice(1)) && narrow.length > wide.length - 1);

/** The names that both cover; undefined: none. */
export const intersection = (a: string, b: string): string | undefined =>
  covers(a, b) ? b : covers(b, a) ? a : undefined;

/** The names that a listener and one of a route's names both cover, each once; without names of its own a route takes the listener's. */
export function sharedNames(listener: string, route: readonly string[] | undefined): string[] {
  if (route === undefined || route.length === 0) return [listener];
  return [...new Set(route.flatMap((name) => intersection(listener, name) ?? []))];
}

/** Whether `wide` is the less specific of two that cover a name. */
export const isWider = (wide: string, narrow: string): boolean => wide !== narrow && covers(wide, narrow);
