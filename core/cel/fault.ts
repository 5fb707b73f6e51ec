/** What the reader and the compiler of expressions throw. */

/** What is wrong with an expression; a fault of the configuration. */
export class CelFault extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}
