/** Whose request it was: the engine says the address of the client in every request that it routes. */
import type { Routed } from './tap.ts';

export interface Origin {
  /** What was routed for this client since it was emptied. */
  routed: Routed[];
  /** What the tap had to say. */
  faults: string[];
}

export class Origins {
  readonly #all = new Map<string, Origin>();
  /** What belongs to nobody. */
  readonly strays: string[] = [];

  /** The client with that local port begins. */
  open(port: number): Origin {
    const origin: Origin = { routed: [], faults: [] };
    this.#all.set(`127.0.0.1:${port}`, origin);
    return origin;
  }

  routed(from: string, routed: Routed): void {
    const origin = this.#all.get(from);
    if (origin === undefined)
      this.strays.push(`${routed.seen.method} ${routed.seen.target} of ${JSON.stringify(from)}`);
    else origin.routed.push(routed);
  }

  disagrees(from: string, text: string): void {
    const origin = this.#all.get(from);
    if (origin === undefined) this.strays.push(text);
    else origin.faults.push(text);
  }
}
