/** The admin interface of an engine on a Unix socket or a loopback port. */
import type { Engine } from '@weft/proxy/engine';

export function serveAdmin(
  _engine: Engine,
  _admin: { readonly port: number } | { readonly path: string },
): Promise<() => Promise<void>> {
  return Promise.resolve(() => Promise.resolve());
}
