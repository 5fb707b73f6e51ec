/**
 * Room that sources share: each may have as much as it leaves free. One alone gets half of it, n that want all get an n+1st each, and as much is left
 * for who comes later. Nothing is taken from anybody (dynamic thresholds: Choudhury and Hahne, 1998).
 */
export class FairRoom {
  readonly room: number;
  #taken = 0;
  readonly #shares = new Map<string, number>();

  /** `room`: octets, or things. */
  constructor(room: number) {
    this.room = room;
  }

  get taken(): number {
    return this.#taken;
  }

  /** What one has. */
  of(source: string): number {
    return this.#shares.get(source) ?? 0;
  }

  /** What one may have beside what it has, rounded up to whole ones; never below 0. `''` is nobody's word but our own: all that is free. */
  free(source: string): number {
    const left = this.room - this.#taken;
    return Math.max(0, source === '' ? left : Math.ceil((left - this.of(source)) / 2));
  }

  fits(source: string, more: number): boolean {
    return more <= this.free(source);
  }

  /** Also beyond what fits, and negative what is given back. */
  add(source: string, more: number): void {
    const share = this.of(source) + more;
    this.#taken += more;
    if (share === 0) this.#shares.delete(source);
    else this.#shares.set(source, share);
  }

  clear(): void {
    this.#taken = 0;
    this.#shares.clear();
  }
}
