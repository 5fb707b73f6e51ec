/** Envoy 1.40's standard values of routes. Milliseconds. */
export const ROUTE_TIMEOUT = 15_000;
export const MAX_DIRECT_RESPONSE_BODY_SIZE = 4096;
export const NUM_RETRIES = 1;
export const BACK_OFF_BASE = 25;
/** The longest back-off is this many times the base. */
export const BACK_OFF_FACTOR = 10;
export const HOST_SELECTION_ATTEMPTS = 1;
/** The longest wait that an answer may ask for. */
export const RATE_LIMITED_MAX = 300_000;
