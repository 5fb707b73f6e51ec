/** envoy.config.common.mutation_rules.v3.HeaderMutationRules compiled: which headers the service may change. */
import { type LinearRegex, linearRegex } from '@weft/core/decide';
import type { MutationRules as Row } from '@weft/core/proxy-config';

/** Whom a request is for is not the service's to change, whatever the rules say. */
const ROUTING: ReadonlySet<string> = new Set(['host', ':authority', ':method', ':scheme']);

export class MutationRules {
  readonly #row: Row | undefined;
  readonly #allow: LinearRegex | undefined;
  readonly #disallow: LinearRegex | undefined;
  readonly isError: boolean;

  constructor(row: Row | undefined, report: (fault: string) => void) {
    const compile = (expression: string | undefined): LinearRegex | undefined => {
      if (expression === undefined) return undefined;
      const compiled = linearRegex(expression);
      if (compiled === undefined) report(`mutation rules: ${JSON.stringify(expression)} is not RE2 syntax`);
      return compiled;
    };
    this.#row = row;
    this.#allow = compile(row?.allow);
    this.#disallow = compile(row?.disallow);
    this.isError = row?.disallowIsError === true;
  }

  maySet(name: string): boolean {
    if (ROUTING.has(name) || this.#disallow?.matches(name) === true) return false;
    if (this.#allow?.matches(name) === true) return true;
    if (this.#row?.disallowAll === true) return false;
    if (this.#row?.disallowSystem === true && name.startsWith(':')) return false;
    return this.#row?.allowEnvoy === true || !name.startsWith('x-envoy');
  }

  mayRemove(name: string): boolean {
    return !name.startsWith(':') && this.maySet(name);
  }
}
