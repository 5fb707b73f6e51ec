/**
 * Names in a certificate as node:crypto prints them (X509Certificate.subjectAltName: `TYPE:value, ...`, values with special characters as
 * JSON strings).
 * Parsed, never searched: a DNS name that contains `, URI:...` must stay a DNS name.
 */
export interface SubjectAltNames {
  readonly uri: readonly string[];
  readonly dns: readonly string[];
  readonly email: readonly string[];
  readonly ip: readonly string[];
}

const KINDS: Readonly<Record<string, keyof SubjectAltNames>> = {
  URI: 'uri',
  DNS: 'dns',
  email: 'email',
  'IP Address': 'ip',
};

/** Undefined when the text is not of the expected form: refuse the certificate then. */
export function parseSubjectAltNames(text: string): SubjectAltNames | undefined {
  const names = { uri: [] as string[], dns: [] as string[], email: [] as string[], ip: [] as string[] };
  let at = 0;
  while (at < text.length) {
    const colon = text.indexOf(':', at);
    if (colon < 0) return undefined;
    const kind = KINDS[text.slice(at, colon)];
    let value: string;
    if (text[colon + 1] === '"') {
      const end = endOfString(text, colon + 1);
      if (end < 0) return undefined;
      const decoded = decodeString(text.slice(colon + 1, end));
      if (decoded === undefined) return undefined;
      value = decoded;
      at = end;
    } else {
      const comma = text.indexOf(', ', colon);
      const end = comma < 0 ? text.length : comma;
      value = text.slice(colon + 1, end);
      at = end;
    }
    if (at < text.length && !text.startsWith(', ', at)) return undefined;
    at += 2;
    if (kind !== undefined) names[kind].push(value);
  }
  return names;
}

function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i += 1) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i + 1;
  }
  return -1;
}

function decodeString(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
