/** A pattern that a user writes: the whole text, or with `*` at its end what begins so. */
export const beginning = (text: string): { readonly kind: 'exact' | 'prefix'; readonly value: string } =>
  text.endsWith('*') ? { kind: 'prefix', value: text.slice(0, -1) } : { kind: 'exact', value: text };
