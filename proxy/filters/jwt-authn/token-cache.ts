/** Tokens that were found genuine, the least recently used one leaves first. One holds as long as the keys that verified it are the provider's. */
import type { Jwt, JwkSet } from '../../jwt/index.ts';

interface Known {
  readonly jwt: Jwt;
  readonly keys: JwkSet;
}

export class TokenCache {
  readonly #most: number;
  readonly #longest: number;
  readonly #known = new Map<string, Known>();

  /** `longest`: characters of a token that is remembered. */
  constructor(most: number, longest: number) {
    this.#most = most;
    this.#longest = longest;
  }

  get(token: string, keys: JwkSet | undefined): Jwt | undefined {
    const known = this.#known.get(token);
    if (known === undefined) return undefined;
    this.#known.delete(token);
    if (known.keys !== keys) return undefined;
    this.#known.set(token, known);
    return known.jwt;
  }

  add(token: string, jwt: Jwt, keys: JwkSet): void {
    if (token.length > this.#longest) return;
    this.#known.delete(token);
    this.#known.set(token, { jwt, keys });
    if (this.#known.size <= this.#most) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  forget(token: string): void {
    this.#known.delete(token);
  }
}
