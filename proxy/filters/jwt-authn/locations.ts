/** Where tokens stand in requests (RFC 6750, 2, and as configured), and how one is taken out before the request goes on. */
import { cookieValue } from '@weft/core/decide';
import type { JwtProvider } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import { mutatedQuery } from '../header-mutation/query.ts';

/** Tokens of one request that are looked at; more are no request of a client that means well. */
export const MOST_TOKENS = 16;

export interface FoundToken {
  readonly token: string;
  /** Issuers whose providers look there; undefined: any issuer. */
  readonly issuers: ReadonlySet<string> | undefined;
  readonly location: Location;
}

export interface Location {
  find(exchange: Exchange): readonly string[];
  remove(exchange: Exchange): void;
}

interface Issued {
  readonly location: Location;
  /** '' allows any. */
  readonly issuers: Set<string>;
}

export class TokenLocations {
  /** Headers, parameters, cookies; each kind in the order of its names. */
  readonly #locations: readonly (readonly [location: Location, issuers: ReadonlySet<string> | undefined])[];
  /** Headers that only this filter may set. */
  readonly #own: readonly string[];

  constructor(providers: readonly JwtProvider[]) {
    const kinds = [new Map<string, Issued>(), new Map<string, Issued>(), new Map<string, Issued>()] as const;
    const [headers, parameters, cookies] = kinds;
    const add = (kind: Map<string, Issued>, key: string, location: Location, issuer: string): void => {
      const there = kind.get(key);
      if (there === undefined) kind.set(key, { location, issuers: new Set([issuer]) });
      else there.issuers.add(issuer);
    };
    for (const provider of providers) {
      const { issuer, fromHeaders, fromParameters, fromCookies } = provider;
      const standard = fromHeaders.length + fromParameters.length + fromCookies.length === 0;
      for (const { name, prefix } of standard ? [AUTHORIZATION] : fromHeaders)
        add(headers, name + prefix, new HeaderLocation(name, prefix), issuer);
      for (const name of standard ? [ACCESS_TOKEN] : fromParameters)
        add(parameters, name, new ParameterLocation(name), issuer);
      for (const name of fromCookies) add(cookies, name, new CookieLocation(name), issuer);
    }
    this.#locations = kinds.flatMap((kind) =>
      [...kind]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { location, issuers }]) => [location, issuers.has('') ? undefined : issuers] as const),
    );
    this.#own = providers.flatMap(({ forwardPayloadHeader, claimToHeaders }) => [
      ...(forwardPayloadHeader === '' ? [] : [forwardPayloadHeader]),
      ...claimToHeaders.map(({ header }) => header),
    ]);
  }

  /** What a client says in headers of the filter's own is not believed. */
  sanitise({ head }: Exchange): void {
    for (const name of this.#own) head.edit.remove(name);
  }

  /** Undefined: too many. */
  find(exchange: Exchange): FoundToken[] | undefined {
    const found: FoundToken[] = [];
    for (const [location, issuers] of this.#locations) {
      for (const token of location.find(exchange)) {
        if (found.length === MOST_TOKENS) return undefined;
        found.push({ token, issuers, location });
      }
    }
    return found;
  }
}

const AUTHORIZATION = { name: 'authorization', prefix: 'Bearer ' };
const ACCESS_TOKEN = 'access_token';

class HeaderLocation implements Location {
  readonly #name: string;
  readonly #prefix: string;

  constructor(name: string, prefix: string) {
    this.#name = name;
    this.#prefix = prefix;
  }

  find({ head }: Exchange): readonly string[] {
    const found: string[] = [];
    for (let index = 0; ; index += 1) {
      const value = head.headerValue(this.#name, index);
      if (value === undefined) return found;
      const token = this.#within(value);
      if (token !== undefined) found.push(token);
    }
  }

  /** As in Envoy: what follows the prefix, wherever that stands, from the first character that a token may hold. */
  #within(value: string): string | undefined {
    if (this.#prefix === '') return value;
    const at = value.indexOf(this.#prefix);
    if (at < 0) return undefined;
    const rest = value.slice(at + this.#prefix.length);
    const start = rest.search(/[A-Za-z0-9_.-]/);
    return start < 0 ? value : rest.slice(start);
  }

  remove({ head }: Exchange): void {
    head.edit.remove(this.#name);
  }
}

class ParameterLocation implements Location {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  find({ head }: Exchange): readonly string[] {
    const { query } = head;
    if (query === undefined) return [];
    for (const pair of query.split('&')) {
      const equals = pair.indexOf('=');
      const name = equals < 0 ? pair : pair.slice(0, equals);
      if (decoded(name) === this.#name) return [equals < 0 ? '' : decoded(pair.slice(equals + 1))];
    }
    return [];
  }

  remove(exchange: Exchange): void {
    exchange.setQuery(mutatedQuery(exchange.head.query, [{ kind: 'remove', name: this.#name }], exchange));
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Cookies go on: Envoy leaves them too. */
class CookieLocation implements Location {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  find({ head }: Exchange): readonly string[] {
    const value = cookieValue(head.header('cookie'), this.#name);
    return value === undefined ? [] : [value];
  }

  remove(): void {
    // A cookie header holds more than the token.
  }
}
