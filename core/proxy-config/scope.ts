/**
 * Scoped routes (envoy.extensions.filters.network.http_connection_manager.v3.ScopedRoutes): a key made of each request's headers chooses the
 * route table. Requests whose key no scope has get 404.
 */
import type { RouteConfiguration } from './route.ts';

/** A row of the table `scopes` (envoy.config.route.v3.ScopedRouteConfiguration), or one that a connection manager states itself. */
export interface RouteScope {
  readonly name: string;
  /** One text a fragment of the key; no two scopes have the same. */
  readonly key: readonly string[];
  /** A row of `routes`, or the table itself. */
  readonly routes:
    | { readonly kind: 'rds'; readonly name: string }
    | { readonly kind: 'inline'; readonly configuration: RouteConfiguration };
  /** on_demand: its table is asked for when the first request wants it. */
  readonly onDemand: boolean;
}

/** A part of the key, out of a header (HeaderValueExtractor). A request without it has no key. */
export interface ScopeFragment {
  /** Lower case. */
  readonly header: string;
  /** Parts the value into elements; '': the whole value is the only one. */
  readonly elementSeparator: string;
  readonly element:
    | { readonly kind: 'index'; readonly index: number }
    /** What stands behind the separator in the first element whose part before it is `key`. */
    | { readonly kind: 'keyed'; readonly separator: string; readonly key: string };
}

export interface ScopedRoutes {
  readonly kind: 'scoped';
  readonly name: string;
  readonly fragments: readonly ScopeFragment[];
  /** Each with its table inline; undefined: the rows of the table `scopes` (SRDS). */
  readonly scopes: readonly RouteScope[] | undefined;
}

/** The key as one text: fragments hold no NUL, as header values do not. */
export const scopeKey = (fragments: readonly string[]): string => fragments.join('\0');

/** Of a request; undefined: it has none. `header`: a value by its lower-case name. */
export function keyOfRequest(
  fragments: readonly ScopeFragment[],
  header: (name: string) => string | undefined,
): string | undefined {
  const parts: string[] = [];
  for (const { header: name, elementSeparator, element } of fragments) {
    const value = header(name);
    if (value === undefined) return undefined;
    const elements = elementSeparator === '' ? [value] : value.split(elementSeparator);
    const part = element.kind === 'index' ? elements[element.index] : keyed(elements, element.separator, element.key);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return scopeKey(parts);
}

function keyed(elements: readonly string[], separator: string, key: string): string | undefined {
  for (const element of elements) {
    const at = element.indexOf(separator);
    if (at >= 0 && element.slice(0, at) === key) return element.slice(at + separator.length);
  }
  return undefined;
}
