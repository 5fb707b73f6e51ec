/**
 * Writes that exclude each other: any number may run together, but the deletion of what holds others (a Namespace, a Mesh) runs alone,
 * so that nothing is made in a namespace between the look whether it is empty and its end.
 */
export class Gate {
  readonly #running = new Set<Promise<unknown>>();
  #alone: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  async shared<T>(work: () => Promise<T>): Promise<T> {
    while (this.#waiting > 0) await this.#alone;
    return this.#run(work);
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const turn = this.#alone.then(async () => {
      await Promise.allSettled(this.#running);
      return this.#run(work);
    });
    this.#alone = turn.then(
      () => this.#leave(),
      () => this.#leave(),
    );
    return turn;
  }

  #leave(): void {
    this.#waiting -= 1;
  }

  #run<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#running.add(running);
    const done = () => this.#running.delete(running);
    running.then(done, done);
    return running;
  }
}
