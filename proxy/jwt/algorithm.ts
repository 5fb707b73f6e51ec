/** Algorithms of signatures (RFC 7518, 3.1; RFC 8037, 3.1), exactly Envoy's. `none` is not among them. */
export type Algorithm =
  | {
      readonly kty: 'oct';
      readonly hash: string /** Octets of the hash, and of the shortest key. */;
      readonly octets: number;
    }
  | { readonly kty: 'RSA'; readonly hash: string; readonly pss: boolean }
  | {
      readonly kty: 'EC';
      readonly hash: string;
      readonly curve: string /** Of the signature. */;
      readonly octets: number;
    }
  | { readonly kty: 'OKP'; readonly octets: number };

const KNOWN: Readonly<Record<string, Algorithm>> = {
  HS256: { kty: 'oct', hash: 'sha256', octets: 32 },
  HS384: { kty: 'oct', hash: 'sha384', octets: 48 },
  HS512: { kty: 'oct', hash: 'sha512', octets: 64 },
  RS256: { kty: 'RSA', hash: 'sha256', pss: false },
  RS384: { kty: 'RSA', hash: 'sha384', pss: false },
  RS512: { kty: 'RSA', hash: 'sha512', pss: false },
  PS256: { kty: 'RSA', hash: 'sha256', pss: true },
  PS384: { kty: 'RSA', hash: 'sha384', pss: true },
  PS512: { kty: 'RSA', hash: 'sha512', pss: true },
  ES256: { kty: 'EC', hash: 'sha256', curve: 'P-256', octets: 64 },
  ES384: { kty: 'EC', hash: 'sha384', curve: 'P-384', octets: 96 },
  ES512: { kty: 'EC', hash: 'sha512', curve: 'P-521', octets: 132 },
  EdDSA: { kty: 'OKP', octets: 64 },
};

export const algorithmOf = (name: string): Algorithm | undefined =>
  Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
