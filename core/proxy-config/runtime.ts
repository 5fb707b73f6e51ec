/** Runtime values (envoy.config.bootstrap.v3.LayeredRuntime): what a key says in place of the configuration's own value, changed without it. */
import type { Fraction } from './matcher.ts';
import type { MetadataStruct, MetadataValue } from './metadata.ts';

/** A fraction counts where a share of requests is asked for. */
export type RuntimeValue = number | boolean | string | Fraction;
export type RuntimeValues = ReadonlyMap<string, RuntimeValue>;

export const NO_RUNTIME: RuntimeValues = new Map();

/** Later layers win. */
export type RuntimeLayer =
  | { readonly name: string; readonly kind: 'static'; readonly values: RuntimeValues }
  /** A folder of files, one a key (folders stand for dots), behind a link that is swapped as a whole. */
  | {
      readonly name: string;
      readonly kind: 'disk';
      readonly symlinkRoot: string;
      readonly subdirectory: string;
      /** The files are below a folder with the name of node.cluster. */
      readonly appendServiceCluster: boolean;
    }
  /** What the admin page /runtime_modify says. */
  | { readonly name: string; readonly kind: 'admin' }
  /** A resource envoy.service.runtime.v3.Runtime of that name, by ADS. */
  | { readonly name: string; readonly kind: 'rtds'; readonly resource: string };

/** The keys of a struct: nested objects stand for dots, but an object of a numerator is a fraction. */
export function runtimeValues(struct: MetadataStruct): Map<string, RuntimeValue> {
  const found = new Map<string, RuntimeValue>();
  walk('', struct, found);
  return found;
}

function walk(prefix: string, struct: MetadataStruct, found: Map<string, RuntimeValue>): void {
  for (const [name, value] of Object.entries(struct)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') found.set(key, value);
    else if (isStruct(value)) {
      const fraction = fractionIn(value);
      if (fraction === undefined) walk(key, value, found);
      else found.set(key, fraction);
    }
  }
}

const isStruct = (value: MetadataValue): value is MetadataStruct =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const DENOMINATORS: Readonly<Record<string, Fraction['denominator']>> = {
  HUNDRED: 100,
  TEN_THOUSAND: 10_000,
  MILLION: 1_000_000,
};

function fractionIn(struct: MetadataStruct): Fraction | undefined {
  const { numerator, denominator = 'HUNDRED', ...others } = struct;
  const parts = typeof denominator === 'string' ? DENOMINATORS[denominator] : undefined;
  if (typeof numerator !== 'number' || parts === undefined || Object.keys(others).length > 0) return undefined;
  return { numerator, denominator: parts };
}

/** A text as one key's value: a file's, or that of an admin page. */
export function runtimeValueOf(text: string): RuntimeValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

/** What a fraction is now: by its key where that says a number (of a hundred) or a fraction, else as it stands. */
export function liveFraction(fraction: Fraction, values: RuntimeValues, key = fraction.runtimeKey): Fraction {
  const said = key === undefined ? undefined : values.get(key);
  if (typeof said === 'object') return said;
  return typeof said === 'number' && said >= 0 ? { numerator: said, denominator: 100 } : fraction;
}

/** What a whole number is now. */
export function liveNumber<Standard>(standard: Standard, values: RuntimeValues, key: string): number | Standard {
  const said = values.get(key);
  return typeof said === 'number' && Number.isInteger(said) && said >= 0 ? said : standard;
}
