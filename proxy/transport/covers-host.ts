/** Whether a DNS name of a certificate is for a host (RFC 9525, 6.3): equal without regard to case, or a wildcard for its whole first label. */
export function coversHost(pattern: string, host: string): boolean {
  const own = pattern.toLowerCase();
  const wanted = host.toLowerCase();
  if (!own.startsWith('*.')) return own === wanted;
  const dot = wanted.indexOf('.');
  return dot > 0 && wanted.slice(dot) === own.slice(1) && own.indexOf('.', 2) > 0;
}
