/** What of xDS streams the control plane logs: configuration that a proxy refused, and streams that ended by an error. */
import { peerAddress } from '@weft/control/server';
import type { XdsObserver } from '@weft/control/xds';
import type { Log } from '../log.ts';

/** `observer` is told of everything as before. */
export const loggedStreams = (observer: XdsObserver, log: Log): XdsObserver => ({
  ...observer,
  rejected: (proxy, type, rejections, reason) => {
    observer.rejected?.(proxy, type, rejections, reason);
    log.warn('a proxy refused configuration', { proxy: proxy.id, engine: proxy.engine.name, type, reason });
  },
  closed: (peer, node, error) => {
    observer.closed?.(peer, node, error);
    if (error !== undefined && error.code !== 'shutting-down')
      log.warn('ended an xDS stream', { peer: peerAddress(peer), node, code: error.code, reason: error.message });
  },
});
