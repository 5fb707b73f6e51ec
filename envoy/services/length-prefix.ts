/** Tag and length of a field of octets. */
export function lengthPrefix(field: number, length: number): number[] {
  const prefix = [(field << 3) | 2];
  let rest = length;
  for (; rest > 127; rest >>>= 7) prefix.push((rest & 127) | 128);
  prefix.push(rest);
  return prefix;
}
