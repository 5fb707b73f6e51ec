/**
 * A limit as text. It travels with the question that proxies ask of the limiter, as one entry of a descriptor, so that the limiter needs no
 * configuration of its own: a proxy's limits change with the rest of what it was told, and a limiter that starts knows all it must.
 */

/** Key of a descriptor's entry that says the limit; the other entries say whose requests are counted together. */
export const LIMIT_ENTRY = 'weft.limit';

/** `fixed`: so many in each window of `per`. `sliding`: they come back one by one, so that there is no edge where twice as many pass (GCRA). */
export type LimitAlgorithm = 'fixed' | 'sliding';

export interface Limit {
  /** Up to 4,294,967,295; 0: nothing passes. */
  readonly requests: number;
  /** ms, 1 to 366 days. */
  readonly per: number;
  readonly algorithm: LimitAlgorithm;
  /** It is counted and refuses nothing. */
  readonly shadow: boolean;
}

/** ms */
export const LONGEST_PER = 366 * 86_400_000;
const MOST_REQUESTS = 0xffff_ffff;

/** `100/60000/fixed`, with `/shadow` where it refuses nothing. */
export const formatLimit = ({ requests, per, algorithm, shadow }: Limit): string =>
  `${requests}/${per}/${algorithm}${shadow ? '/shadow' : ''}`;

/** The inverse of `formatLimit`; undefined: no limit. */
export function parseLimit(text: string): Limit | undefined {
  const match = /^([1-9]\d{0,9})\/([1-9]\d{0,10})\/(fixed|sliding)(\/shadow)?$/.exec(text);
  if (match === null) return undefined;
  const [requests, per] = [Number(match[1]), Number(match[2])];
  if (requests > MOST_REQUESTS || per > LONGEST_PER) return undefined;
  return { requests, per, algorithm: match[3] === 'fixed' ? 'fixed' : 'sliding', shadow: match[4] !== undefined };
}
