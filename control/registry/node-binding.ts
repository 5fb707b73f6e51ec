/**
 * Whether a caller may have the configuration of the xDS node it claims to be (`namespace/workload`). Claims prove nothing: the Workload
 * must be held by an agent's open stream, and the caller's certificate must have been issued to that agent's registration.
 */
import type { Binding } from '@weft/core/agent-api';
import { err, ok, type Result } from '@weft/core/kernel';
import type { RefusalReason } from '../authority/index.ts';
import type { Peer } from '../server/index.ts';
import type { Registry } from './registry.ts';

export interface NodeBinding {
  /** `namespace/name` of the Workload. */
  readonly workload: string;
  readonly registration: string;
  readonly binding: Binding;
}

export function bindNode(
  registry: Pick<Registry, 'holderOf'>,
  peer: Peer,
  nodeId: string,
): Result<NodeBinding, RefusalReason> {
  if (peer.kind === 'tls' && peer.identity === undefined)
    return err(peer.refusal === '' ? 'identity-missing' : 'certificate-refused');
  const holder = registry.holderOf(nodeId);
  if (holder === undefined) return err('node-foreign');
  if (peer.kind === 'tls' && peer.identity?.registration !== holder.id) return err('node-foreign');
  return ok({ workload: nodeId, registration: holder.id, binding: holder.binding });
}
