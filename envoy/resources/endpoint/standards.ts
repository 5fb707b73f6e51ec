/** Envoy 1.40's standard values of endpoint sets, and the metadata by which an endpoint chooses a transport socket. */
export const OVERPROVISIONING_FACTOR = 140;

/** The filter metadata that Envoy compares with transport_socket_matches. */
export const TRANSPORT_METADATA = 'envoy.transport_socket_match';
export const TRANSPORT_KEY = 'dev.weft/transport';
