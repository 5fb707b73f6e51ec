/**
 * Strict reading of a parsed JSON value: every wrong type, value out of bounds, missing and unknown field is kept with its path, and all
 * of them are told at once. It never coerces, never fills in what a schema does not say, and never follows a prototype.
 */
import { err, ok, type Diagnostic, type Result } from '../kernel/index.ts';

export interface TextRule {
  /** Characters; default 253. */
  readonly max?: number;
  readonly pattern?: RegExp;
  /** Said when the pattern does not match. */
  readonly form?: string;
  /** Whether '' is a value; default false. */
  readonly empty?: boolean;
}

/** DNS-1123 label: the form of names of namespaces, workloads, services, ports. */
export const LABEL_RULE: TextRule = {
  max: 63,
  pattern: /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/,
  form: "lower-case letters, digits and '-', starting and ending with a letter or digit",
};

/** DNS-1123 subdomain: the form of names of accounts. */
export const SUBDOMAIN_RULE: TextRule = {
  max: 253,
  pattern: /^[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?$/,
  form: "lower-case letters, digits, '-' and '.', starting and ending with a letter or digit",
};

/** Any text without control characters, a terminal's escapes and marks that turn the direction of text among them. */
export const PRINTABLE: TextRule = {
  empty: true,
  // oxlint-disable-next-line no-control-regex
  pattern: /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/,
  form: 'text without control characters',
};

/** Base64 of the standard alphabet, padded (RFC 4648 section 4). */
export const base64Rule = (max: number): TextRule => ({
  max,
  pattern: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  form: 'base64',
});

export class Faults {
  readonly #list: Diagnostic[] = [];

  add(path: string, code: string, message: string): void {
    if (this.#list.length < 100) this.#list.push({ severity: 'error', code, message, place: { path } });
  }

  result<T>(value: T): Result<T, readonly Diagnostic[]> {
    return this.#list.length === 0 ? ok(value) : err(this.#list);
  }
}

/** Reads one JSON object. A reader of a value that is no object says so once and then answers every field with a placeholder. */
export class ObjectReader {
  readonly path: string;
  readonly #faults: Faults;
  readonly #fields: Map<string, unknown>;
  readonly #absent: boolean;
  readonly #taken = new Set<string>();

  constructor(value: unknown, path: string, faults: Faults) {
    this.path = path;
    this.#faults = faults;
    this.#absent = typeof value !== 'object' || value === null || Array.isArray(value);
    this.#fields = new Map(this.#absent ? [] : Object.entries(value as object));
    if (this.#absent) faults.add(path, 'wrong-type', 'must be an object');
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  at(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  text(name: string, rule: TextRule = {}): string {
    const value = this.#take(name);
    if (value === undefined) return this.#missing(name, '');
    return readText(value, this.at(name), rule, this.#faults);
  }

  /** undefined when absent. */
  optionalText(name: string, rule: TextRule = {}): string | undefined {
    return this.has(name) ? this.text(name, rule) : undefined;
  }

  integer(name: string, min: number, max: number): number {
    const value = this.#take(name);
    if (value === undefined) return this.#missing(name, min);
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    this.#faults.add(this.at(name), 'out-of-range', `must be a whole number from ${min} to ${max}`);
    return min;
  }

  boolean(name: string): boolean {
    const value = this.#take(name);
    if (value === undefined) return this.#missing(name, false);
    if (typeof value === 'boolean') return value;
    this.#faults.add(this.at(name), 'wrong-type', 'must be true or false');
    return false;
  }

  /** `fallback` is answered beside a fault. */
  oneOf<const T extends string>(name: string, words: readonly T[], fallback: T): T {
    const value = this.#take(name);
    if (value === undefined) return this.#missing(name, fallback);
    const found = words.find((word) => word === value);
    if (found === undefined) this.#faults.add(this.at(name), 'unknown-value', `must be one of ${words.join(', ')}`);
    return found ?? fallback;
  }

  object<T>(name: string, read: (reader: ObjectReader) => T): T {
    const reader = new ObjectReader(this.#take(name), this.at(name), this.#faults);
    const value = read(reader);
    reader.end();
    return value;
  }

  optionalObject<T>(name: string, read: (reader: ObjectReader) => T): T | undefined {
    return this.has(name) ? this.object(name, read) : undefined;
  }

  list<T>(name: string, max: number, read: (reader: ObjectReader) => T): readonly T[] {
    const value = this.#take(name);
    if (value === undefined) return this.#missing(name, []);
    if (!Array.isArray(value) || value.length > max) {
      this.#faults.add(this.at(name), 'out-of-range', `must be a list of at most ${max} entries`);
      return [];
    }
    return value.map((entry: unknown, index) => {
      const reader = new ObjectReader(entry, `${this.at(name)}[${index}]`, this.#faults);
      const read1 = read(reader);
      reader.end();
      return read1;
    });
  }

  /** A JSON object used as a map: any keys within `key`, each value read by `read`. */
  map<T>(
    name: string,
    max: number,
    key: TextRule,
    read: (value: unknown, path: string, faults: Faults) => T,
  ): ReadonlyMap<string, T> {
    const value = this.#take(name);
    if (value === undefined) return this.#missing(name, new Map<string, T>());
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.#faults.add(this.at(name), 'wrong-type', 'must be an object');
      return new Map();
    }
    const entries = Object.entries(value);
    if (entries.length > max) {
      this.#faults.add(this.at(name), 'out-of-range', `must have at most ${max} entries`);
      return new Map();
    }
    return new Map(
      entries.map(([word, entry]) => {
        const path = `${this.at(name)}[${word.slice(0, 80)}]`;
        readText(word, path, key, this.#faults);
        return [word, read(entry, path, this.#faults)];
      }),
    );
  }

  /** Tells a rule that spans fields. */
  refuse(name: string, code: string, message: string): void {
    this.#faults.add(this.at(name), code, message);
  }

  /** Tells every field that was not read. */
  end(): void {
    for (const name of this.#fields.keys()) {
      if (!this.#taken.has(name)) this.#faults.add(this.at(name.slice(0, 80)), 'unknown-field', 'unknown field');
    }
  }

  #take(name: string): unknown {
    this.#taken.add(name);
    return this.#fields.get(name);
  }

  #missing<T>(name: string, placeholder: T): T {
    if (!this.#absent) this.#faults.add(this.at(name), 'missing-field', 'is required');
    return placeholder;
  }
}

export function readText(value: unknown, path: string, rule: TextRule, faults: Faults): string {
  const { max = 253, pattern, form = 'malformed', empty = false } = rule;
  if (typeof value !== 'string') {
    faults.add(path, 'wrong-type', 'must be a text');
    return '';
  }
  if (value === '' ? !empty : value.length > max)
    faults.add(path, 'out-of-range', value === '' ? 'must not be empty' : `must have at most ${max} characters`);
  else if (pattern !== undefined && value !== '' && !pattern.test(value))
    faults.add(path, 'malformed', `must be ${form}`);
  return value;
}

/** Reads the top of a message. */
export function readMessage<T>(value: unknown, read: (reader: ObjectReader) => T): Result<T, readonly Diagnostic[]> {
  const faults = new Faults();
  const reader = new ObjectReader(value, '', faults);
  const message = read(reader);
  reader.end();
  return faults.result(message);
}
