import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REDACTED, redacted } from './redacted.ts';

test('no secret of a JWK set is shown, wherever the set stands; everything else is', () => {
  const set = {
    keys: [
      { kty: 'oct', kid: 'a', k: 'c2VjcmV0' },
      { kty: 'EC', x: 'x', d: 'c2VjcmV0' },
      { kty: 'RSA', n: 'n' },
    ],
  };
  const shown = redacted({
    filters: [{ providers: { p: { local_jwks: { inline_string: JSON.stringify(set) }, issuer: 'i' } } }],
    broken: { local_jwks: { inline_string: '{"k":"c2VjcmV0"' } },
    file: { local_jwks: { filename: '/keys' } },
    k: 'stays',
  });
  const text = JSON.stringify(shown);
  assert.ok(!text.includes('c2VjcmV0'));
  assert.deepEqual(shown, {
    filters: [
      {
        providers: {
          p: {
            local_jwks: {
              inline_string: JSON.stringify({
                keys: [
                  { kty: 'oct', kid: 'a', k: REDACTED },
                  { kty: 'EC', x: 'x', d: REDACTED },
                  { kty: 'RSA', n: 'n' },
                ],
              }),
            },
            issuer: 'i',
          },
        },
      },
    ],
    broken: { local_jwks: { inline_string: REDACTED } },
    file: { local_jwks: { filename: '/keys' } },
    k: 'stays',
  });
});
