/** Envoy 1.40's standard values of listeners and of the TCP proxy. Milliseconds, bytes. */
export const LISTENER_FILTERS_TIMEOUT = 15_000;
export const BUFFER_LIMIT = 1_048_576;
export const TCP_IDLE_TIMEOUT = 3_600_000;
export const MAX_CONNECT_ATTEMPTS = 1;
