/**
 * Header names the engine looks for, found by hash and confirmed octet by octet; no string is made. The hash is the one FieldBlock
 * computes while it checks the name. Names outside this list are looked up by a `HeaderName` of their own.
 */
import { TOKEN_LOWER } from './octets.ts';

/** A name prepared for lookups: lower case, with its hash and its number in `KNOWN` (0: not known). */
export interface HeaderName {
  readonly text: string;
  readonly hash: number;
  readonly known: number;
}

/** Position is the number; 0 is "not known". The order never travels and may change. */
const NAMES = [
  '',
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'keep-alive',
  'proxy-connection',
  'http2-settings',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-client-cert',
  'x-request-id',
  'x-envoy-internal',
  'x-envoy-external-address',
  'x-envoy-expected-rq-timeout-ms',
  'x-envoy-attempt-count',
  'x-envoy-original-path',
  'x-envoy-original-host',
  'x-envoy-upstream-service-time',
  'x-envoy-upstream-rq-timeout-ms',
  'x-envoy-upstream-rq-per-try-timeout-ms',
  'x-envoy-upstream-rq-timeout-alt-response',
  'x-envoy-retry-on',
  'x-envoy-retry-grpc-on',
  'x-envoy-max-retries',
  'x-envoy-retriable-status-codes',
  'x-envoy-retriable-header-names',
  'x-envoy-hedge-on-per-try-timeout',
  'x-envoy-force-trace',
  'x-envoy-decorator-operation',
  'x-envoy-downstream-service-cluster',
  'x-envoy-downstream-service-node',
  'x-envoy-ip-tags',
  'x-envoy-original-url',
  'x-envoy-upstream-alt-stat-name',
  'x-envoy-immediate-health-check-fail',
  'x-envoy-overloaded',
  'x-envoy-ratelimited',
  'x-envoy-degraded',
  'server',
  'date',
  'via',
  'user-agent',
  'content-type',
  'location',
  'traceparent',
  'proxy-authenticate',
  'proxy-authorization',
] as const;

export type KnownName = Exclude<(typeof NAMES)[number], ''>;

/** The running hash of one more lower-case octet. */
export const mixHash = (hash: number, lower: number): number => (Math.imul(hash, 31) + lower) | 0;

/** Number of a known name. Made at once: V8 keeps an object that grew name by name as a hash table, and every read of it would be a search. */
export const KNOWN = Object.fromEntries(
  NAMES.flatMap((name, number) => (name === '' ? [] : [[name, number] as const])),
) as Readonly<Record<KnownName, number>>;

const hashOf = (lower: string): number => {
  let hash = 0;
  for (let i = 0; i < lower.length; i += 1) hash = mixHash(hash, lower.charCodeAt(i));
  return hash;
};

const SLOTS = 512;
const slotOf = (hash: number): number => (hash ^ (hash >>> 9) ^ (hash >>> 18)) & (SLOTS - 1);
/** Open addressing; a slot holds a number of NAMES, 0 when free. */
const table = new Uint8Array(SLOTS);
const hashes = new Int32Array(NAMES.length);
NAMES.forEach((name, number) => {
  if (number === 0) return;
  const hash = hashOf(name);
  hashes[number] = hash;
  let slot = slotOf(hash);
  while (table[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
  table[slot] = number;
});

/** The number of the name in bytes[start, end), whose hash is `hash`; 0 when it is not known. */
export function knownNumber(bytes: Uint8Array, start: number, end: number, hash: number): number {
  let slot = slotOf(hash);
  for (;;) {
    const number = table[slot] as number;
    if (number === 0) return 0;
    if (hashes[number] === hash && spells(bytes, start, end, NAMES[number] as string)) return number;
    slot = (slot + 1) & (SLOTS - 1);
  }
}

/** Whether bytes[start, end) is a token that spells `lower`, ignoring case. */
export function spells(bytes: Uint8Array, start: number, end: number, lower: string): boolean {
  if (end - start !== lower.length) return false;
  for (let i = 0; i < lower.length; i += 1) {
    if (TOKEN_LOWER[bytes[start + i] as number] !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** Prepares a name for lookups. `text` is lowered; undefined when it is not a token. */
export function headerName(text: string): HeaderName | undefined {
  if (text === '') return undefined;
  const lower = text.toLowerCase();
  for (let i = 0; i < lower.length; i += 1) if ((TOKEN_LOWER[lower.charCodeAt(i)] ?? 0) === 0) return undefined;
  const number = (KNOWN as Readonly<Record<string, number>>)[lower];
  return {
    text: lower,
    hash: hashOf(lower),
    known: typeof number === 'number' && NAMES[number] === lower ? number : 0,
  };
}
