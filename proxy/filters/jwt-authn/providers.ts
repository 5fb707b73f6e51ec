/** The providers of one filter, by name and by issuer. Chains of routes share them, and with them keys and remembered tokens. */
import type { JwtProvider } from '@weft/core/proxy-config';
import { type ProviderParts, ProviderRuntime } from './provider.ts';
import type { JwtStats } from './stats.ts';

export class JwtProviders {
  readonly byName: ReadonlyMap<string, ProviderRuntime>;
  readonly #byIssuer = new Map<string, ProviderRuntime>();

  constructor(rows: readonly JwtProvider[], parts: ProviderParts, stats: JwtStats) {
    this.byName = new Map(rows.map((row) => [row.name, new ProviderRuntime(row, parts, stats)]));
    for (const provider of this.byName.values())
      if (!this.#byIssuer.has(provider.row.issuer)) this.#byIssuer.set(provider.row.issuer, provider);
  }

  /** The first of that issuer, else one for any issuer. */
  ofIssuer(issuer: string): ProviderRuntime | undefined {
    return this.#byIssuer.get(issuer) ?? this.#byIssuer.get('');
  }

  /** Nothing is fetched ahead any more. */
  stop(): void {
    for (const { remote } of this.byName.values()) remote?.stop();
  }

  /** Undefined where there are several. */
  get only(): ProviderRuntime | undefined {
    return this.byName.size === 1 ? this.byName.values().next().value : undefined;
  }
}
