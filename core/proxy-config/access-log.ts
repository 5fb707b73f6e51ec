/** Access logs (envoy.config.accesslog.v3; file and stdout/stderr stream). Formats use Envoy's command operators. */
export interface AccessLog {
  readonly sink:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'stdout' }
    | { readonly kind: 'stderr' };
  readonly format: /** Envoy's default text format. */
    | { readonly kind: 'default' }
    | { readonly kind: 'text'; readonly text: string }
    /** Key to operator string, in the order they are written. */
    | { readonly kind: 'json'; readonly fields: readonly (readonly [key: string, value: string])[] };
}
