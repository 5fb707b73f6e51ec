/** What can be said of a token, as Envoy numbers and words it (its JwtVerify::Status); the words are the body of a refusal. */
export const JWT_STATUS = {
  ok: [0, 'OK'],
  missing: [1, 'Jwt is missing'],
  'not-yet-valid': [2, 'Jwt not yet valid'],
  expired: [3, 'Jwt is expired'],
  'bad-format': [4, 'Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections'],
  'header-base64': [5, 'Jwt header is an invalid Base64url encoded'],
  'header-json': [6, 'Jwt header is an invalid JSON'],
  'header-alg': [7, 'Jwt header [alg] field is required and must be a string'],
  'header-alg-unknown': [8, 'Jwt header [alg] is not supported'],
  'header-kid': [9, 'Jwt header [kid] field is not a string'],
  'payload-base64': [10, 'Jwt payload is an invalid Base64url encoded'],
  'payload-json': [11, 'Jwt payload is an invalid JSON'],
  'payload-iss': [12, 'Jwt payload [iss] field is not a string'],
  'payload-sub': [13, 'Jwt payload [sub] field is not a string'],
  'payload-iat': [14, 'Jwt payload [iat] field is not an integer'],
  'payload-iat-range': [15, 'Jwt payload [iat] field is not a positive 64 bit integer'],
  'payload-nbf': [16, 'Jwt payload [nbf] field is not an integer'],
  'payload-nbf-range': [17, 'Jwt payload [nbf] field is not a positive 64 bit integer'],
  'payload-exp': [18, 'Jwt payload [exp] field is not an integer'],
  'payload-exp-range': [19, 'Jwt payload [exp] field is not a positive 64 bit integer'],
  'payload-jti': [20, 'Jwt payload [jti] field is not a string'],
  'payload-aud': [21, 'Jwt payload [aud] field is not a string or string list'],
  'signature-base64': [22, 'Jwt signature is an invalid Base64url encoded'],
  'signature-length': [23, 'Jwt ED25519 signature is wrong length'],
  'unknown-issuer': [24, 'Jwt issuer is not configured'],
  audience: [25, 'Audiences in Jwt are not allowed'],
  failed: [26, 'Jwt verification fails'],
  'too-many': [27, 'Found multiple Jwt tokens'],
  'no-keys': [31, "Jwks doesn't have any valid public key"],
  'no-such-key': [32, "Jwks doesn't have key to match kid or alg from Jwt"],
  'fetch-failed': [40, 'Jwks remote fetch is failed'],
} as const satisfies Record<string, readonly [code: number, text: string]>;

export type JwtStatus = keyof typeof JWT_STATUS;

export const isOk = (status: JwtStatus): boolean => status === 'ok';
export const statusCode = (status: JwtStatus): number => JWT_STATUS[status][0];
export const statusText = (status: JwtStatus): string => JWT_STATUS[status][1];
