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

/**
 * Reads one JSON object. A reader of a value that is no object says so once and then answers every field with a placeholder. One is made for every
 * object of every message, so it makes nothing that only a fault needs.
 */
export class ObjectReader {
  readonly #faults: Faults;
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #absent: boolean;
  /** Where it stands: in which reader, under which name, at which place of a list; -1: of none. */
  readonly #within: ObjectReader | undefined;
  readonly #name: string;
  readonly #index: number;
  readonly #taken: string[] = [];

  constructor(value: unknown, faults: Faults, within?: ObjectReader, name = '', index = -1) {
    this.#faults = faults;
    this.#within = within;
    this.#name = name;
    this.#index = index;
    this.#absent = !isObject(value);
    this.#fields = isObject(value) ? value : NO_FIELDS;
    if (this.#absent) faults.add(this.path, 'wrong-type', 'must be an object');
  }

  /** '' at the top of a message. */
  get path(): string {
    if (this.#within === undefined) return this.#name;
    const at = this.#within.at(this.#name);
    return this.#index < 0 ? at : `${at}[${this.#index}]`;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#fields, name);
  }

  at(name: string): string {
    const { path } = this;
    return path === '' ? name : `${path}.${name}`;
  }

  text(name: string, rule: TextRule = {}): string {
    const value = this.#take(name);
    if (value === undefined) return this.#missing(name, '');
    const fault = textFault(value, rule);
    if (fault !== undefined) this.#faults.add(this.at(name), ...fault);
    return typeof value === 'string' ? value : '';
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
    const reader = new ObjectReader(this.#take(name), this.#faults, this, name);
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
      const reader = new ObjectReader(entry, this.#faults, this, name, index);
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
    for (const name in this.#fields) {
      if (this.has(name) && !this.#taken.includes(name))
        this.#faults.add(this.at(name.slice(0, 80)), 'unknown-field', 'unknown field');
    }
  }

  #take(name: string): unknown {
    this.#taken.push(name);
    return this.has(name) ? this.#fields[name] : undefined;
  }

  #missing<T>(name: string, placeholder: T): T {
    if (!this.#absent) this.#faults.add(this.at(name), 'missing-field', 'is required');
    return placeholder;
  }
}

export function readText(value: unknown, path: string, rule: TextRule, faults: Faults): string {
  const fault = textFault(value, rule);
  if (fault !== undefined) faults.add(path, ...fault);
  return typeof value === 'string' ? value : '';
}

/** Code and message of what is wrong with it. */
function textFault(
  value: unknown,
  { max = 253, pattern, form = 'malformed', empty = false }: TextRule,
): Fault | undefined {
  if (typeof value !== 'string') return ['wrong-type', 'must be a text'];
  if (value === '') return empty ? undefined : ['out-of-range', 'must not be empty'];
  if (value.length > max) return ['out-of-range', `must have at most ${max} characters`];
  return pattern === undefined || pattern.test(value) ? undefined : ['malformed', `must be ${form}`];
}

type Fault = readonly [code: string, message: string];

const NO_FIELDS: Readonly<Record<string, unknown>> = {};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the top of a message. */
export function readMessage<T>(value: unknown, read: (reader: ObjectReader) => T): Result<T, readonly Diagnostic[]> {
  const faults = new Faults();
  const reader = new ObjectReader(value, faults);
  const message = read(reader);
  reader.end();
  return faults.result(message);
}
