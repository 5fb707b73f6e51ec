/** How many threads a proxy may be asked to serve on. */
export const MAX_CONCURRENCY = 256;

/** A number of threads as a flag says it; 0 means one, as in Envoy. Undefined: it is none. */
export function readConcurrency(text: string): number | undefined {
  if (!/^\d{1,3}$/.test(text) || Number(text) > MAX_CONCURRENCY) return undefined;
  return Math.max(1, Number(text));
}
