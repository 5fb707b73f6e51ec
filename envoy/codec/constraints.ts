/** Checks a message against the limits that Envoy's API states (protoc-gen-validate), so that what Envoy refuses is refused here. */
import {
  messageType,
  nameOfTypeUrl,
  requiredOneofsOf,
  rulesOf,
  type AnyMessage,
  type Field,
  type FieldRules,
  type MessageName,
  type Messages,
  type MessageType,
  type NumberRules,
} from '../tables/index.ts';
import type { Path } from './path.ts';
import type { Report } from './report.ts';
import { durationText, stringFault } from './rule-kinds.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Reports every limit that `message` breaks, opened Any included. */
export function checkConstraints<Name extends MessageName>(
  name: Name,
  message: Messages[Name],
  path: Path,
  report: Report,
): void {
  const type = messageType(name);
  if (type !== undefined) new Checker(report).message(type, message, path);
}

/** What is to be looked at in a message of one type. */
interface Plan {
  readonly ruled: readonly (readonly [Field, FieldRules])[];
  readonly oneofs: readonly (readonly string[])[];
}

const plans = new WeakMap<MessageType, Plan>();

function planOf(type: MessageType): Plan {
  const known = plans.get(type);
  if (known !== undefined) return known;
  const rules = rulesOf(type.name) ?? {};
  const plan: Plan = {
    ruled: type.fields.flatMap((field) => {
      const rule = rules[field.name];
      return rule === undefined ? [] : [[field, rule] as const];
    }),
    oneofs: requiredOneofsOf(type.name).map((oneof) =>
      type.fields.filter((field) => field.oneof === oneof).map((field) => field.name),
    ),
  };
  plans.set(type, plan);
  return plan;
}

class Checker {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  message(type: MessageType, value: unknown, path: Path): void {
    if (type.form === 'any') {
      const any = value as AnyMessage;
      const inner = any.message === undefined ? undefined : messageType(nameOfTypeUrl(any.type_url));
      if (inner !== undefined) this.message(inner, any.message, path);
    }
    if (type.form !== 'fields') return;
    const fields = value as Fields;
    const { ruled, oneofs } = planOf(type);
    for (const members of oneofs) {
      if (members.some((name) => fields[name] !== undefined)) continue;
      this.#report.fault(path, 'missing-field', `one of ${members.join(', ')} must be set`);
    }
    for (const [field, rule] of ruled) this.#rule(field, rule, fields[field.name], path.field(field.name));
    for (const name of Object.keys(fields)) {
      const field = type.byName.get(name);
      const present = fields[name];
      if (field === undefined || present === undefined) continue;
      if (field.disallowed) {
        this.#report.fault(path.field(name), 'disallowed-field', 'Envoy refuses this deprecated field by default');
      }
      if (field.kind === 'message' || field.kind === 'enum') this.#within(field, present, path.field(name));
    }
  }

  #within(field: Field, present: unknown, path: Path): void {
    if (field.kind === 'enum' && typeof present === 'string' && field.enumeration.disallowed.has(present)) {
      this.#report.fault(path, 'disallowed-field', `Envoy refuses the value ${present} by default`);
    }
    if (field.kind !== 'message') return;
    if (present instanceof Map) {
      for (const [key, value] of present) this.message(field.message, value, path.key(String(key)));
    } else if (field.repeated && Array.isArray(present)) {
      present.forEach((value: unknown, index) => this.message(field.message, value, path.index(index)));
    } else this.message(field.message, present, path);
  }

  #rule(field: Field, rule: FieldRules, present: unknown, path: Path): void {
    if (field.mapKey !== undefined) this.#map(field, rule, present, path);
    else if (field.repeated) this.#repeated(field, rule, present, path);
    else this.#single(field, rule, present, path);
  }

  #repeated(field: Field, rule: FieldRules, present: unknown, path: Path): void {
    const list: readonly unknown[] = Array.isArray(present) ? present : [];
    const { min_items: min, max_items: max, unique, items } = rule.repeated ?? {};
    if (min !== undefined && list.length < Number(min)) this.#broken(path, `needs at least ${min} entries`);
    if (max !== undefined && list.length > Number(max)) this.#broken(path, `has more than ${max} entries`);
    if (unique === true && new Set(list).size < list.length) this.#broken(path, 'has an entry twice');
    if (items !== undefined) list.forEach((item, index) => this.#single(field, items, item, path.index(index)));
  }

  #map(field: Field, rule: FieldRules, present: unknown, path: Path): void {
    const map: ReadonlyMap<unknown, unknown> = present instanceof Map ? present : new Map();
    const { min_pairs: min, max_pairs: max, keys, values } = rule.map ?? {};
    if (min !== undefined && map.size < Number(min)) this.#broken(path, `needs at least ${min} entries`);
    if (max !== undefined && map.size > Number(max)) this.#broken(path, `has more than ${max} entries`);
    for (const [key, value] of map) {
      const at = path.key(String(key));
      if (keys?.string !== undefined) this.#text(keys.string, String(key), at);
      if (values !== undefined) this.#single(field, values, value, at);
    }
  }

  #single(field: Field, rule: FieldRules, present: unknown, path: Path): void {
    if (present === undefined && field.oneof !== undefined) return;
    if (field.kind === 'message' && present === undefined) {
      const needed =
        rule.message?.required ?? rule.duration?.required ?? rule.timestamp?.required ?? rule.any?.required;
      if (needed === true) this.#report.fault(path, 'missing-field', 'Envoy requires this field');
      return;
    }
    if (present === undefined && field.presence) return;
    if (rule.string !== undefined) this.#text(rule.string, typeof present === 'string' ? present : '', path);
    if (rule.bytes !== undefined) this.#bytes(rule.bytes, present instanceof Uint8Array ? present.length : 0, path);
    if (rule.enum !== undefined) this.#enumeration(field, rule.enum, present, path);
    if (rule.bool?.const !== undefined && (present ?? false) !== rule.bool.const)
      this.#broken(path, `must be ${rule.bool.const}`);
    const numbers = rule.uint32 ?? rule.uint64 ?? rule.int32 ?? rule.int64 ?? rule.double ?? rule.float;
    if (numbers !== undefined) this.#number(numbers, present as number | bigint | undefined, path);
    if (rule.duration !== undefined) this.#duration(rule.duration, present, path);
    if (rule.any?.in !== undefined && !rule.any.in.includes((present as AnyMessage).type_url)) {
      this.#broken(path, `must be one of ${rule.any.in.join(', ')}`);
    }
  }

  #text(rule: NonNullable<FieldRules['string']>, text: string, path: Path): void {
    const fault = stringFault(rule, text);
    if (fault !== undefined) this.#broken(path, fault);
  }

  #bytes(rule: NonNullable<FieldRules['bytes']>, length: number, path: Path): void {
    if (rule.min_len !== undefined && length < Number(rule.min_len))
      this.#broken(path, `needs at least ${rule.min_len} bytes`);
    if (rule.max_len !== undefined && length > Number(rule.max_len))
      this.#broken(path, `has more than ${rule.max_len} bytes`);
  }

  #enumeration(field: Field, rule: NonNullable<FieldRules['enum']>, present: unknown, path: Path): void {
    const type = field.enumeration;
    const number = typeof present === 'string' ? (type.numbers.get(present) ?? 0) : 0;
    const names = (list: readonly number[]): string => list.map((value) => type.names.get(value) ?? value).join(', ');
    if (rule.in !== undefined && !rule.in.includes(number)) this.#broken(path, `must be one of ${names(rule.in)}`);
    if (rule.not_in?.includes(number) === true) this.#broken(path, `must not be ${names(rule.not_in)}`);
  }

  #number(rule: NumberRules, given: number | bigint | undefined, path: Path): void {
    const value = given ?? 0;
    if (rule.ignore_empty === true && Number(value) === 0) return;
    if (rule.gt !== undefined && !(value > Number(rule.gt))) this.#broken(path, `must be greater than ${rule.gt}`);
    if (rule.gte !== undefined && !(value >= Number(rule.gte))) this.#broken(path, `must be at least ${rule.gte}`);
    if (rule.lt !== undefined && !(value < Number(rule.lt))) this.#broken(path, `must be less than ${rule.lt}`);
    if (rule.lte !== undefined && !(value <= Number(rule.lte))) this.#broken(path, `must be at most ${rule.lte}`);
    if (rule.in !== undefined && !rule.in.some((allowed) => Number(allowed) === Number(value))) {
      this.#broken(path, `must be one of ${rule.in.join(', ')}`);
    }
    if (rule.const !== undefined && Number(rule.const) !== Number(value)) this.#broken(path, `must be ${rule.const}`);
  }

  #duration(rule: NumberRules, present: unknown, path: Path): void {
    const { seconds = 0, nanos = 0 } = present as Messages['google.protobuf.Duration'];
    const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
    const bound = (text: number | string): bigint => durationText(String(text));
    if (rule.gt !== undefined && nanoseconds <= bound(rule.gt)) this.#broken(path, `must be more than ${rule.gt}`);
    if (rule.gte !== undefined && nanoseconds < bound(rule.gte)) this.#broken(path, `must be at least ${rule.gte}`);
    if (rule.lt !== undefined && nanoseconds >= bound(rule.lt)) this.#broken(path, `must be less than ${rule.lt}`);
    if (rule.lte !== undefined && nanoseconds > bound(rule.lte)) this.#broken(path, `must be at most ${rule.lte}`);
  }

  #broken(path: Path, message: string): void {
    this.#report.fault(path, 'constraint', message);
  }
}
