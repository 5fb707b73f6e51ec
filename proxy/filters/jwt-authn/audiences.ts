/** Whether a token is for one of the audiences here; as in Envoy `https://host/` and `host` are the same. */
export class Audiences {
  readonly #allowed: ReadonlySet<string>;

  /** Empty: any, and none. */
  constructor(audiences: readonly string[]) {
    this.#allowed = new Set(audiences.map(plain));
  }

  allow(audiences: readonly string[]): boolean {
    return this.#allowed.size === 0 || audiences.some((audience) => this.#allowed.has(plain(audience)));
  }
}

const plain = (audience: string): string => audience.replace(/^https?:\/\//, '').replace(/\/$/, '');
