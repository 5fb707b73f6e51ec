/** Concurrent callers in a loop, for tests of changes under load; the first failed call fails whoever waits. */
export class Load {
  sent = 0;
  #running = true;
  #failure: unknown;
  readonly #callers: Promise<void>[];

  /** `call` rejects when an answer is not as it must be. */
  constructor(callers: number, call: () => Promise<void>) {
    this.#callers = Array.from({ length: callers }, async () => {
      while (this.#running && this.#failure === undefined) {
        try {
          await call();
          this.sent += 1;
        } catch (error) {
          this.#failure ??= error;
        }
      }
    });
  }

  /** Resolves when `count` more calls went well. */
  async more(count: number): Promise<void> {
    const wanted = this.sent + count;
    while (this.sent < wanted) {
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#callers);
    if (this.#failure !== undefined) throw this.#failure;
  }
}
