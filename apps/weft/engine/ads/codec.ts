/** The xDS client's codec over Envoy's messages: where engine and envoy meet for configuration that comes by xDS. */
import { resourceName } from '@weft/agent/ads-relay';
import { ok } from '@weft/core/kernel';
import {
  decodeDeltaDiscoveryResponse,
  decodeDiscoveryResponse,
  encodeDeltaDiscoveryRequest,
  encodeDiscoveryRequest,
  type NodeClaims,
} from '@weft/envoy/discovery';
import {
  readCluster,
  readEndpointSet,
  readListener,
  readRouteConfiguration,
  readRouteScope,
  readRuntime,
  readSecret,
} from '@weft/envoy/resources';
import type { AdsCodec, XdsSecret } from './port.ts';

/** google.rpc.Code INVALID_ARGUMENT, what Envoy's own NACKs carry. */
const INVALID_ARGUMENT = 3;

export const adsCodec = (node: NodeClaims): AdsCodec => ({
  encode(question) {
    const shared = {
      typeUrl: question.typeUrl,
      responseNonce: question.nonce,
      node: question.withNode ? node : undefined,
      error: question.error === undefined ? undefined : { code: INVALID_ARGUMENT, message: question.error },
    };
    return question.kind === 'state'
      ? encodeDiscoveryRequest({ ...shared, versionInfo: question.versionInfo, resourceNames: question.names })
      : encodeDeltaDiscoveryRequest({
          ...shared,
          subscribe: question.subscribe,
          unsubscribe: question.unsubscribe,
          initialVersions: question.initialVersions,
        });
  },
  decode(bytes, delta) {
    if (delta) return decodeDeltaDiscoveryResponse(bytes);
    const response = decodeDiscoveryResponse(bytes);
    return response.ok ? ok({ ...response.value, removed: [] }) : response;
  },
  nameOf: resourceName,
  listener: readListener,
  route: readRouteConfiguration,
  scope: readRouteScope,
  cluster: readCluster,
  endpoints: readEndpointSet,
  runtime: readRuntime,
  secret(bytes) {
    const secret = readSecret(bytes);
    if (!secret.ok) return secret;
    const { value } = secret;
    return ok<XdsSecret>(
      value.kind === 'certificate' ? value : { kind: 'roots', name: value.bundle.name, roots: value.bundle.roots },
    );
  },
});
