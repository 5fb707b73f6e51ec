/** Sizes of bodies in Envoy's default buckets, as Istio's `istio_request_bytes` has them. */

/** Upper bounds. */
export const BYTE_BOUNDS: readonly number[] = [
  0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000,
  3_600_000,
];

/** Index into BYTE_BOUNDS; its length for what is beyond the last. */
export function byteBucket(bytes: number): number {
  if (bytes === 0) return 0;
  let low = 1;
  let high = BYTE_BOUNDS.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((BYTE_BOUNDS[middle] ?? 0) < bytes) low = middle + 1;
    else high = middle;
  }
  return low;
}
