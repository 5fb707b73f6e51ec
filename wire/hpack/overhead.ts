/** Octets that RFC 7541, 4.1 adds to each field. */
export const FIELD_OVERHEAD = 32;
