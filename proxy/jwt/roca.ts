/**
 * Moduli of a generator that made them of powers of 65537 (ROCA, CVE-2017-15361): their remainders by small primes are such powers too, by every one
 * of them, which a random modulus is by chance once in 2^100.
 */
const GENERATOR = 65_537;
const PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/** By prime: the remainders that powers of the generator have. */
const POWERS: readonly (readonly [prime: bigint, powers: ReadonlySet<number>])[] = PRIMES.map((prime) => {
  const powers = new Set<number>();
  for (let power = 1; !powers.has(power); power = (power * GENERATOR) % prime) powers.add(power);
  return [BigInt(prime), powers];
});

/** `modulus`: big-endian octets. */
export function isOfBadGenerator(modulus: Uint8Array): boolean {
  const number = BigInt(`0x${Buffer.from(modulus).toString('hex') || '0'}`);
  return POWERS.every(([prime, powers]) => powers.has(Number(number % prime)));
}
