/** Limits that Envoy puts on its fields (protoc-gen-validate), as the tables hold them. 64-bit numbers and durations are texts. */
import tables from './generated/tables.json' with { type: 'json' };

type Bound = number | string;

export interface FieldRules {
  readonly string?: {
    readonly const?: string;
    readonly min_len?: string;
    readonly max_len?: string;
    readonly min_bytes?: string;
    readonly max_bytes?: string;
    readonly pattern?: string;
    readonly prefix?: string;
    readonly suffix?: string;
    readonly in?: readonly string[];
    readonly well_known_regex?: string;
    readonly strict?: boolean;
    readonly ignore_empty?: boolean;
    readonly ip?: boolean;
    readonly address?: boolean;
    readonly uri_ref?: boolean;
    readonly uri?: boolean;
  };
  readonly bytes?: { readonly min_len?: string; readonly max_len?: string };
  readonly enum?: {
    readonly defined_only?: boolean;
    readonly in?: readonly number[];
    readonly not_in?: readonly number[];
  };
  readonly bool?: { readonly const?: boolean };
  readonly repeated?: {
    readonly min_items?: string;
    readonly max_items?: string;
    readonly unique?: boolean;
    readonly items?: FieldRules;
    readonly ignore_empty?: boolean;
  };
  readonly map?: {
    readonly min_pairs?: string;
    readonly max_pairs?: string;
    readonly keys?: FieldRules;
    readonly values?: FieldRules;
  };
  readonly message?: { readonly required?: boolean; readonly skip?: boolean };
  readonly duration?: NumberRules & { readonly required?: boolean };
  readonly timestamp?: { readonly required?: boolean };
  readonly any?: { readonly required?: boolean; readonly in?: readonly string[] };
  readonly uint32?: NumberRules;
  readonly uint64?: NumberRules;
  readonly int32?: NumberRules;
  readonly int64?: NumberRules;
  readonly double?: NumberRules;
  readonly float?: NumberRules;
}

export interface NumberRules {
  readonly const?: Bound;
  readonly gt?: Bound;
  readonly gte?: Bound;
  readonly lt?: Bound;
  readonly lte?: Bound;
  readonly in?: readonly Bound[];
  readonly ignore_empty?: boolean;
}

const rules = new Map<string, Readonly<Record<string, FieldRules>>>(Object.entries(tables.rules));
const requiredOneofs = new Map<string, string>(Object.entries(tables.oneofs));

/** Field name to its limits; undefined when the message has none. */
export const rulesOf = (message: string): Readonly<Record<string, FieldRules>> | undefined => rules.get(message);

/** Oneofs of which one member must be set. */
export const requiredOneofsOf = (message: string): readonly string[] => requiredOneofs.get(message)?.split(' ') ?? [];
