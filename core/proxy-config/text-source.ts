/**
 * A text (envoy.config.core.v3.DataSource): in the configuration itself, or read where the engine runs when the configuration is applied.
 * Never a key: those are secrets, which have names.
 */
export type TextSource =
  | { readonly kind: 'inline'; readonly text: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly variable: string };

export const NO_TEXT: TextSource = { kind: 'inline', text: '' };
