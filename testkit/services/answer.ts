/** An answer: a message, or a status of gRPC without one; `delay` in ms before it. */
export interface ServiceAnswer {
  readonly message?: Uint8Array;
  readonly status?: number;
  readonly delay?: number;
  /** The first `count` questions with that key get no answer of the service's own: their stream is reset, or its head alone says UNAVAILABLE. */
  readonly failing?: { readonly key: string; readonly count: number; readonly how: string };
}
