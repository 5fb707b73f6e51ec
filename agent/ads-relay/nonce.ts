/**
 * A response under another nonce. Each of the control plane's streams counts its nonces by itself, so two of them may be equal; a client
 * that outlives a stream must not take one for the other. Resources are copied undecoded.
 */
import { assembleDiscoveryResponse, type DiscoveryResponse, stateOfTheWorldPart } from '@weft/envoy/discovery';

export function withNonce(response: DiscoveryResponse, nonce: string): Uint8Array {
  const { typeUrl, versionInfo, controlPlane, resources } = response;
  return assembleDiscoveryResponse(
    { typeUrl, versionInfo, nonce, controlPlane },
    resources.map((resource) => stateOfTheWorldPart(resource.typeUrl, resource.value)),
  );
}
