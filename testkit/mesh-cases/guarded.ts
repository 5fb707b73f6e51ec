/** Ports of the guarded workloads; each its own name, all the same three echo servers in turn. */
export const GUARDED = [
  'account',
  'namespace',
  'denied',
  'closed',
  'port',
  'open',
  'requests',
  'exceptions',
  'hosts',
  'shadow',
  'tokens',
  'claims',
  'nokeys',
  'limited',
  'stated',
  'shadowed',
  'counted',
  'callers',
  'watched',
  'refusing',
  'passing',
  'claimed',
  'external',
  'unasked',
  'audited',
  'beside',
  'slowly',
  'processed',
  'unprocessed',
] as const;

/** The echo server behind such a port; undefined for other ports. */
export function guardedBackend(port: string): 'a' | 'b' | 'c' | undefined {
  const index = (GUARDED as readonly string[]).indexOf(port);
  return index < 0 ? undefined : (['a', 'b', 'c'] as const)[index % 3];
}
