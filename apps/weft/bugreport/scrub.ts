/**
 * Takes secrets out of what is handed to others. By place: fields and headers whose names say that they hold one. By form: what looks like a
 * key, a token or a password wherever it stands. When in doubt a value goes: a report is read for its shape.
 */
const HIDDEN = '[redacted]';

/** Names of fields and headers whose values are secrets. */
const SECRET_NAME =
  /^(?:.*[-_.])?(?:authorization|cookie|set-cookie|password|passwd|secret|token|credential|credentials|api-?key|private-?key|session|signature|jwt|passphrase|access-?key|client-?secret)(?:[-_.].*)?$/i;

/** As written in camel case. */
const words = (name: string): string => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2');

export const isSecretName = (name: string): boolean => SECRET_NAME.test(words(name));

const FORMS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, `${HIDDEN} private key`],
  // JWS and JWE in compact form.
  [/\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*(?:\.[\w-]+){0,2}/g, `${HIDDEN} token`],
  [/\bweft_[\w]{4,}_[\w-]{8,}/g, `${HIDDEN} token`],
  [/\b(bearer|basic)\s+[\w+/=.~-]{6,}/gi, `$1 ${HIDDEN}`],
  // user:password@host
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:"']+:[^\s/@"']+@/gi, `$1${HIDDEN}@`],
  [
    /([?&;\s"'](?:[\w-]*(?:token|secret|password|passwd|api_?key|signature|session)[\w-]*))=[^&\s"';]+/gi,
    `$1=${HIDDEN}`,
  ],
];

export function scrubText(text: string): string {
  let clean = text;
  for (const [form, instead] of FORMS) clean = clean.replaceAll(form, instead);
  return clean;
}

/** A text that holds a document (an annotation with what was applied) is treated as one. */
function inner(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(scrub(JSON.parse(text)));
  } catch {
    return text;
  }
}

/** A copy of a document of plain values. */
export function scrub(value: unknown): unknown {
  if (typeof value === 'string') return scrubText(inner(value));
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== 'object' || value === null) return value;
  // `{ name: x-api-key, value: ... }`, `{ header: cookie, match: { kind: exact, text: ... } }`: headers, variables.
  const named = Object.entries(value).some(
    ([key, held]) => NAMES.has(key) && typeof held === 'string' && isSecretName(held),
  );
  const cleaned = Object.entries(value).map(([key, held]) => {
    if (isSecretName(key) && !isStructure(held)) return [key, HIDDEN] as const;
    if (named && !NAMES.has(key) && !WORDS.has(key)) return [key, hidden(held)] as const;
    return [key, scrub(held)] as const;
  });
  return Object.fromEntries(cleaned);
}

/** Fields that name a header or a variable. */
const NAMES: ReadonlySet<string> = new Set(['name', 'header', 'key', 'headerName', 'variable']);
/** Fields beside a name that say what it is, not what it holds. */
const WORDS: ReadonlySet<string> = new Set(
  'type kind group namespace action operator source apiVersion uid creationTimestamp resourceVersion'.split(' '),
);

/** Every text in it, but those that say what it is. */
function hidden(value: unknown): unknown {
  if (typeof value === 'string') return HIDDEN;
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, held]) => [key, WORDS.has(key) ? held : hidden(held)] as const),
  );
}

/** Objects and lists of objects under such a name are structure: `tokens: [{ id, role }]`, `secretRef: { name }`. */
const isStructure = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.every((each) => typeof each === 'object' && each !== null)
    : (typeof value === 'object' && value !== null) || typeof value === 'number' || typeof value === 'boolean';
