/** Which headers a service sees (allowed_headers, disallowed_headers). */
import { compileString, type StringPredicate } from '@weft/core/decide';
import type { AuthzService, ExtAuthzFilter } from '@weft/core/proxy-config';

type Choice = Pick<ExtAuthzFilter, 'allowedHeaders' | 'disallowedHeaders'>;

/** What a service by HTTP sees whatever is allowed. */
const ALWAYS: ReadonlySet<string> = new Set(['authorization', ':method', ':path', ':authority']);

export class HeaderChoice {
  /** Undefined: all. */
  readonly #allowed: readonly StringPredicate[] | undefined;
  readonly #disallowed: readonly StringPredicate[];
  readonly #always: ReadonlySet<string>;

  constructor(row: Choice, kind: AuthzService['kind'], report: (fault: string) => void) {
    const { allowedHeaders, disallowedHeaders } = row;
    const compile = (matcher: (typeof disallowedHeaders)[number]): StringPredicate => compileString(matcher, report);
    this.#always = kind === 'http' ? ALWAYS : new Set();
    this.#allowed = allowedHeaders === undefined ? (kind === 'http' ? [] : undefined) : allowedHeaders.map(compile);
    this.#disallowed = disallowedHeaders.map(compile);
  }

  takes(name: string): boolean {
    if (this.#disallowed.some((matches) => matches(name))) return false;
    return this.#allowed === undefined || this.#always.has(name) || this.#allowed.some((matches) => matches(name));
  }
}
