/** Streams of xDS clients and the proxies that they are for. */
import type { Refusals } from '@weft/control/authority';
import { bindNode, type Registry } from '@weft/control/registry';
import { peerAddress } from '@weft/control/server';
import type { ResolveProxy } from '@weft/control/xds';
import { err, ok } from '@weft/core/kernel';
import type { Proxy } from '@weft/core/mesh-view';

/** Which proxy a stream's client is: who it stands for is attested by the registry, what it can do is what it says. */
export function proxyResolver(registry: Registry, refusals: Refusals): ResolveProxy {
  return (claim, peer) => {
    const bound = bindNode(registry, peer, claim.id);
    if (!bound.ok) {
      const identity = peer.kind === 'tls' ? (peer.identity?.spiffeId ?? '') : '';
      refusals.add({
        reason: bound.error,
        operation: 'ads',
        peer: peerAddress(peer),
        identity,
        detail: `node ${claim.id}`,
      });
      return err(bound.error);
    }
    const proxy: Proxy = {
      id: claim.id,
      role: claim.gateway ? 'gateway' : claim.engine.name === 'grpc' ? 'grpc' : 'sidecar',
      engine: claim.engine,
      mesh: bound.value.binding.mesh,
      workloads: [bound.value.workload],
      network: claim.network,
      locality: claim.locality,
      upstreams: claim.upstreams,
      httpProxyPort: claim.httpProxyPort,
      // Whose identity it is, not what it says: nobody else gets the certificates and the routes of a Gateway.
      gateway: claim.gateway ? `${bound.value.binding.namespace}/${bound.value.binding.account}` : '',
    };
    return ok(proxy);
  };
}
