/** Envoy 1.40's standard values of routes. Milliseconds. */
export const ROUTE_TIMEOUT = 15_000;
export const MAX_DIRECT_RESPONSE_BODY_SIZE = 4096;
export const BACK_OFF_BASE = 25;
/** The longest wait that an answer may ask for. */
export const RATE_LIMITED_MAX = 300_000;
