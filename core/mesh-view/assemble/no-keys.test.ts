import assert from 'node:assert/strict';
import { createHash, createPublicKey, type JsonWebKey } from 'node:crypto';
import { test } from 'node:test';
import { NO_KEYS } from './no-keys.ts';

const P = (1n << 256n) - (1n << 224n) + (1n << 192n) + (1n << 96n) - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base % P];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

const octets = (value: bigint): string =>
  Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toString('base64url');

test('the key of nobody is a point that a hash chose', () => {
  const { keys } = JSON.parse(NO_KEYS) as { readonly keys: readonly JsonWebKey[] };
  let x = BigInt(`0x${createHash('sha256').update('weft: no keys are known').digest('hex')}`);
  for (;;) {
    const square = (((x * x * x - 3n * x + B) % P) + P) % P;
    const y = power(square, (P + 1n) / 4n);
    if ((y * y) % P === square) {
      assert.deepEqual([keys[0]?.['x'], keys[0]?.['y']], [octets(x), octets(y)]);
      break;
    }
    x += 1n;
  }
  createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
});
