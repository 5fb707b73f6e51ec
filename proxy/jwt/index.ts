/** JSON Web Tokens: parsed strictly, verified with keys of a JWK set. No request, no configuration, no clock of its own. */
export { type Jwt, parseJwt, timeFault } from './claims.ts';
export { type JwkSet, LONGEST_SET, parseJwkSet } from './jwk-set.ts';
export { isOk, JWT_STATUS, type JwtStatus, statusCode, statusText } from './status.ts';
export { verifyJws } from './verify.ts';
