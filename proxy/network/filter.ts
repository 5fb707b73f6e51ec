/** The contract of a network filter at run time: asked once a connection, before the terminal filter gets it. */
import type { ConnectionView } from '@weft/core/decide';

/** `details`: why, for logs. */
export type NetworkVerdict = 'continue' | 'close' | { readonly closeAfterMs: number; readonly details?: string };

export interface NetworkFilterRuntime {
  opened(connection: ConnectionView): NetworkVerdict;
  /** For a connection that is open while this filter comes to work: whether it may stay. A filter without rules about callers says 'continue'. */
  judgeAgain(connection: ConnectionView): NetworkVerdict;
  /** Called once for each connection that it let continue. */
  closed(): void;
}
