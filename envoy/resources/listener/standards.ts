/** Envoy 1.40's standard values of listeners and of the TCP and UDP proxies. Milliseconds, bytes. */
export const LISTENER_FILTERS_TIMEOUT = 15_000;
export const BUFFER_LIMIT = 1_048_576;
export const TCP_IDLE_TIMEOUT = 3_600_000;
export const MAX_CONNECT_ATTEMPTS = 1;
export const MAX_CLIENT_HELLO = 16_384;
export const UDP_IDLE_TIMEOUT = 60_000;
export const MAX_DATAGRAM = 1500;
