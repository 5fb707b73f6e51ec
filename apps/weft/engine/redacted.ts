/** Values of secrets in what is shown of a configuration. Must be run over everything that leaves by the admin interface. */

export const REDACTED = '[redacted]';

/** A copy in which no JWK set shows a secret: neither symmetric keys nor private parts. */
export function redacted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'local_jwks' ? redactedSource(inner) : redacted(inner),
    ]),
  );
}

function redactedSource(source: unknown): unknown {
  if (typeof source !== 'object' || source === null) return source;
  return Object.fromEntries(
    Object.entries(source).map(([name, inner]) => [name, name === 'inline_string' ? redactedSet(inner) : inner]),
  );
}

/** RFC 7518, 6: `k` is the secret, the others are private parts of RSA and curves. */
const SECRET = new Set(['k', 'd', 'p', 'q', 'dp', 'dq', 'qi', 'oth']);

function redactedSet(text: unknown): string {
  try {
    return JSON.stringify(JSON.parse(String(text)), (name, value: unknown) => (SECRET.has(name) ? REDACTED : value));
  } catch {
    return REDACTED;
  }
}
