/** Scalars of the proto3 JSON mapping: texts and numbers to values and back. */
import { civilFromDays, daysFromCivil } from '@weft/core/kernel';
import type { JsonValue } from '../tables/index.ts';

/** Plain words that Envoy's YAML reader (YAML 1.1) takes for booleans; a YAML 1.2 reader takes them for strings. */
export const YAML_WORDS: ReadonlyMap<string, boolean> = new Map(
  (['y', 'yes', 'on', 'n', 'no', 'off'] as const).flatMap((word) => {
    const value = word === 'y' || word === 'yes' || word === 'on';
    const title = word.charAt(0).toUpperCase() + word.slice(1);
    return [word, title, word.toUpperCase()].map((form) => [form, value] as const);
  }),
);

const INTEGER = /^-?(?:0|[1-9]\d*)$/;

/** A whole number from its text or from a JSON number; undefined when it is none. */
export function parseInteger(value: unknown): number | bigint | undefined {
  if (typeof value === 'bigint') return narrow(value);
  if (typeof value === 'number') return Number.isInteger(value) ? narrow(BigInt(value)) : undefined;
  return typeof value === 'string' && INTEGER.test(value) ? narrow(BigInt(value)) : undefined;
}

const narrow = (value: bigint): number | bigint =>
  value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;

const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** A floating-point number; the words NaN, Infinity and -Infinity as protobuf spells them. */
export function parseFloating(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return undefined;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  return DECIMAL.test(value) ? Number(value) : undefined;
}

export interface SecondsAndNanos {
  readonly seconds?: number;
  readonly nanos?: number;
}

const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;
const MAX_DURATION = 315_576_000_000;

/** `1.5s`; undefined when malformed or beyond 10,000 years. */
export function parseProtoDuration(text: string): SecondsAndNanos | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  const sign = match[1] === '-' ? -1 : 1;
  const seconds = Number(match[2]) * sign;
  const nanos = Number((match[3] ?? '').padEnd(9, '0')) * sign;
  if (Math.abs(seconds) > MAX_DURATION) return undefined;
  return secondsAndNanos(seconds, nanos);
}

const secondsAndNanos = (seconds: number, nanos: number): SecondsAndNanos => ({
  ...(seconds === 0 ? {} : { seconds }),
  ...(nanos === 0 ? {} : { nanos }),
});

export function formatProtoDuration(value: {
  readonly seconds?: number | bigint | undefined;
  readonly nanos?: number | undefined;
}): string {
  const seconds = value.seconds ?? 0;
  const nanos = value.nanos ?? 0;
  const sign = seconds < 0 || nanos < 0 ? '-' : '';
  return `${sign}${String(seconds).replace('-', '')}${fraction(Math.abs(nanos))}s`;
}

const fraction = (nanos: number): string => {
  if (nanos === 0) return '';
  const digits = String(nanos).padStart(9, '0');
  return `.${digits.replace(/(?:000){1,2}$/, '')}`;
};

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([-+])(\d\d):(\d\d))$/;

/** RFC 3339; undefined when malformed. */
export function parseTimestamp(text: string): SecondsAndNanos | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (month < 1 || month > 12 || day < 1) return undefined;
  const days = daysFromCivil({ year, month, day });
  if (civilFromDays(days).day !== day) return undefined;
  if (year < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const offset =
    match[8] === undefined ? 0 : (Number(match[9]) * 60 + Number(match[10])) * (match[8] === '-' ? 60 : -60);
  const seconds = days * 86_400 + hour * 3600 + minute * 60 + second + offset;
  return secondsAndNanos(seconds, Number((match[7] ?? '').padEnd(9, '0')));
}

export function formatTimestamp(value: {
  readonly seconds?: number | bigint | undefined;
  readonly nanos?: number | undefined;
}): string {
  const seconds = Number(value.seconds ?? 0);
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const { year, month, day } = civilFromDays(days);
  const two = (part: number): string => String(part).padStart(2, '0');
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  return `${date}T${two(Math.floor(rest / 3600))}:${two(Math.floor(rest / 60) % 60)}:${two(rest % 60)}${fraction(value.nanos ?? 0)}Z`;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Base64 of either alphabet, with or without padding; undefined when malformed. */
export function parseBase64(text: string): Uint8Array | undefined {
  const plain = text
    .replace(/-/g, '+')
    .replace(/_/g, '/')
    .replace(/={1,2}$/, '');
  if (!/^[A-Za-z0-9+/]*$/.test(plain) || plain.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((plain.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const char of plain) {
    held = ((held << 6) | ALPHABET.indexOf(char)) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = (held >> bits) & 255;
      at += 1;
    }
  }
  return bytes;
}

export function formatBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const chars = [18, 12, 6, 0].map((shift) => ALPHABET[(word >> shift) & 63] ?? '');
    text += chars.slice(0, Math.min(4, bytes.length - i + 1)).join('');
  }
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

/** Sets a property under any name, `__proto__` included. */
export function setProperty(object: object, name: string, value: JsonValue): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
