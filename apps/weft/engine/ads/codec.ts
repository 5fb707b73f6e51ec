/** The ADS client's codec over Envoy's messages: where engine and envoy meet for configuration that comes by xDS. */
import { resourceName } from '@weft/agent/ads-relay';
import { ok } from '@weft/core/kernel';
import { decodeDiscoveryResponse, encodeDiscoveryRequest, type NodeClaims } from '@weft/envoy/discovery';
import { readCluster, readEndpointSet, readListener, readRouteConfiguration } from '@weft/envoy/resources';
import type { AdsCodec } from './port.ts';

/** google.rpc.Code INVALID_ARGUMENT, what Envoy's own NACKs carry. */
const INVALID_ARGUMENT = 3;

export const adsCodec = (node: NodeClaims): AdsCodec => ({
  encode: ({ typeUrl, versionInfo, nonce, names, error, withNode }) =>
    encodeDiscoveryRequest({
      typeUrl,
      versionInfo,
      responseNonce: nonce,
      resourceNames: names,
      node: withNode ? node : undefined,
      error: error === undefined ? undefined : { code: INVALID_ARGUMENT, message: error },
    }),
  decode: (bytes) => {
    const response = decodeDiscoveryResponse(bytes);
    return response.ok
      ? ok({ ...response.value, resources: response.value.resources.map(({ value }) => value) })
      : response;
  },
  nameOf: resourceName,
  listener: readListener,
  route: readRouteConfiguration,
  cluster: readCluster,
  endpoints: readEndpointSet,
});
