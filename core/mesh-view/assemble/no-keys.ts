/**
 * The JWK set of an issuer whose keys nobody has fetched yet: engines want one key at least, so it is one whose private half nobody has.
 * Its point on P-256 is the first at or behind x = SHA-256("weft: no keys are known"), with the root that is (p + 1) / 4-th power;
 * no-keys.test.ts finds it again.
 */
export const NO_KEYS = JSON.stringify({
  keys: [
    {
      kty: 'EC',
      crv: 'P-256',
      alg: 'ES256',
      use: 'sig',
      x: '74Y77oNXl-c3uZ4hQov0Rs6ncHHkXnfCxIAvDXAX55g',
      y: 'sF297bLztydykmPkZNFghHraSgKllcnM6nN45FZV_-g',
    },
  ],
});
