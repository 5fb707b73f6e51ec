/**
 * Expressions over Envoy's attributes, compiled once: the part of CEL that Envoy switches on without further words (no comprehensions, no
 * joining of texts and lists, no conversion to text). What cannot be known is refused when it is compiled; what goes wrong when it is asked is a
 * CelError. The work of one question is bounded by the expression's length and the texts it compares.
 */
import { linearRegex } from '../decide/regex.ts';
import { type AttributeName, attributeName, ATTRIBUTES } from './attributes.ts';
import { arithmetic, negated } from './arithmetic.ts';
import { CelFault } from './fault.ts';
import { type CelNode, parseCel } from './syntax.ts';
import {
  CelError,
  CelList,
  CelMap,
  CelTimestamp,
  CelUint,
  type CelValue,
  durationOf,
  equal,
  intOf,
  NO_KEY,
  NO_OVERLOAD,
  order,
  uintOf,
} from './values.ts';

/** What an exchange says of itself; undefined: nothing. */
export interface AttributeSource {
  attribute(name: AttributeName): CelValue | undefined;
}

export type CelProgram = (source: AttributeSource) => CelValue;

/** Throws CelFault where it cannot be understood or asks for something that is not here. */
export const compileCel = (text: string): CelProgram => compile(parseCel(text));

/** The attribute that a text names, and nothing else; undefined: none. */
export const compileAttribute = (text: string): CelProgram | undefined => {
  const name = attributeName(text);
  return name === undefined ? undefined : asked(name);
};

const asked =
  (name: AttributeName): CelProgram =>
  (source) =>
    source.attribute(name) ?? NO_KEY;

function compile(node: CelNode): CelProgram {
  const attribute = attributeOf(node);
  if (attribute !== undefined) return asked(attribute);
  switch (node.kind) {
    case 'literal':
      return constant(
        node.value !== null && typeof node.value === 'object' ? new CelUint(node.value.uint) : node.value,
      );
    case 'name':
      throw new CelFault(`${node.name} is no attribute that is known here`, node.at);
    case 'select': {
      if (rooted(node)) throw new CelFault(`${pathOf(node)} is no attribute that is known here`, node.at);
      return looked(compile(node.of), constant(node.field));
    }
    case 'index':
      return looked(compile(node.of), compile(node.key));
    case 'list': {
      const items = node.items.map(compile);
      return (source) => {
        const values = items.map((item) => item(source));
        return firstError(values) ?? new CelList(values);
      };
    }
    case 'unary':
      return unary(node.operator, compile(node.of));
    case 'binary':
      return binary(node.operator, compile(node.left), compile(node.right));
    case 'choice': {
      const [test, yes, no] = [compile(node.test), compile(node.yes), compile(node.no)];
      return (source) => {
        const chosen = test(source);
        if (chosen instanceof CelError) return chosen;
        return typeof chosen === 'boolean' ? (chosen ? yes : no)(source) : NO_OVERLOAD;
      };
    }
    case 'call':
      return call(node);
  }
}

const constant =
  (value: CelValue): CelProgram =>
  () =>
    value;

const firstError = (values: readonly CelValue[]): CelError | undefined =>
  values.find((value) => value instanceof CelError);

/** `a.b` of names alone. */
const rooted = (node: CelNode): boolean => node.kind === 'name' || (node.kind === 'select' && node.of.kind === 'name');

const pathOf = (node: CelNode): string =>
  node.kind === 'name' ? node.name : node.kind === 'select' ? `${pathOf(node.of)}.${node.field}` : '';

const attributeOf = (node: CelNode): AttributeName | undefined =>
  node.kind === 'select' && node.of.kind === 'name' ? attributeName(pathOf(node)) : undefined;

function looked(of: CelProgram, by: CelProgram): CelProgram {
  return (source) => {
    const [holder, key] = [of(source), by(source)];
    if (holder instanceof CelError) return holder;
    if (key instanceof CelError) return key;
    if (holder instanceof CelMap) return (typeof key === 'string' ? holder.lookup.get(key) : undefined) ?? NO_KEY;
    if (!(holder instanceof CelList) || typeof key !== 'bigint') return NO_OVERLOAD;
    return key < 0n ? NO_KEY : (holder.items[Number(key)] ?? NO_KEY);
  };
}

function unary(operator: '!' | '-', of: CelProgram): CelProgram {
  if (operator === '-') return (source) => negated(of(source));
  return (source) => {
    const value = of(source);
    return typeof value === 'boolean' ? !value : value instanceof CelError ? value : NO_OVERLOAD;
  };
}

function binary(operator: string, left: CelProgram, right: CelProgram): CelProgram {
  switch (operator) {
    case '||':
      return decided(true, left, right);
    case '&&':
      return decided(false, left, right);
    case '==':
      return (source) => equal(left(source), right(source));
    case '!=':
      return (source) => {
        const same = equal(left(source), right(source));
        return typeof same === 'boolean' ? !same : same;
      };
    case 'in':
      return (source) => contains(right(source), left(source));
    case '<':
      return compared(left, right, (by) => by < 0);
    case '<=':
      return compared(left, right, (by) => by <= 0);
    case '>':
      return compared(left, right, (by) => by > 0);
    case '>=':
      return compared(left, right, (by) => by >= 0);
    default:
      return (source) => arithmetic(operator, left(source), right(source));
  }
}

/** `||` where `by` is true, `&&` where it is false: one side that says so decides, whatever the other one is. */
function decided(by: boolean, left: CelProgram, right: CelProgram): CelProgram {
  return (source) => {
    const first = left(source);
    if (first === by) return by;
    const second = right(source);
    if (second === by) return by;
    if (first instanceof CelError) return first;
    if (second instanceof CelError) return second;
    return typeof first === 'boolean' && typeof second === 'boolean' ? !by : NO_OVERLOAD;
  };
}

function compared(left: CelProgram, right: CelProgram, holds: (by: number) => boolean): CelProgram {
  return (source) => {
    const by = order(left(source), right(source));
    return typeof by === 'number' ? holds(by) : by;
  };
}

function contains(holder: CelValue, value: CelValue): CelValue {
  if (holder instanceof CelError) return holder;
  if (value instanceof CelError) return value;
  if (holder instanceof CelMap) return typeof value === 'string' && holder.lookup.get(value) !== undefined;
  if (!(holder instanceof CelList)) return NO_OVERLOAD;
  return holder.items.some((item) => equal(item, value) === true);
}

type Call = Extract<CelNode, { readonly kind: 'call' }>;

/** Functions of two texts, the first of which they may be called on. */
const OF_TEXTS: Readonly<Record<string, (text: string, part: string) => boolean>> = {
  startsWith: (text, part) => text.startsWith(part),
  endsWith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
};

/** Of one value. */
const OF_ONE: Readonly<Record<string, (value: CelValue) => CelValue>> = {
  size: (value) => {
    if (typeof value === 'string') return BigInt(Array.from(value).length);
    if (value instanceof CelList) return BigInt(value.items.length);
    return value instanceof CelMap && value.lookup.size >= 0 ? BigInt(value.lookup.size) : NO_OVERLOAD;
  },
  int: (value) => {
    if (typeof value === 'bigint') return value;
    if (value instanceof CelUint) return intOf(value.value);
    if (value instanceof CelTimestamp) return value.nanoseconds / 1_000_000_000n;
    if (typeof value === 'number') return Number.isFinite(value) ? intOf(BigInt(Math.trunc(value))) : NO_OVERLOAD;
    return typeof value === 'string' && /^[+-]?\d{1,20}$/.test(value) ? intOf(BigInt(value)) : NO_OVERLOAD;
  },
  uint: (value) => {
    if (typeof value === 'bigint') return uintOf(value);
    return value instanceof CelUint ? value : NO_OVERLOAD;
  },
  double: (value) => {
    if (typeof value === 'number') return value;
    if (value instanceof CelUint) return Number(value.value);
    return typeof value === 'bigint' ? Number(value) : NO_OVERLOAD;
  },
};

function call(node: Call): CelProgram {
  const { name, of, at } = node;
  const args = of === undefined ? node.args : [of, ...node.args];
  const [first, second] = args;
  if (name === 'has' && of === undefined) return has(node);
  if (Object.hasOwn(OF_TEXTS, name) && of !== undefined && args.length === 2) {
    const test = OF_TEXTS[name] as (typeof OF_TEXTS)[string];
    const [text, part] = [compile(first as CelNode), compile(second as CelNode)];
    return (source) => {
      const values = [text(source), part(source)];
      return typeof values[0] === 'string' && typeof values[1] === 'string'
        ? test(values[0], values[1])
        : (firstError(values) ?? NO_OVERLOAD);
    };
  }
  if (name === 'matches' && args.length === 2) return matches(compile(first as CelNode), second as CelNode);
  if (name === 'duration' && of === undefined && args.length === 1) {
    const value = first?.kind === 'literal' && typeof first.value === 'string' ? durationOf(first.value) : undefined;
    if (value === undefined) throw new CelFault('duration takes a text such as "1.5s"', at);
    return constant(value);
  }
  if (Object.hasOwn(OF_ONE, name) && args.length === 1 && (of === undefined || name === 'size')) {
    const made = OF_ONE[name] as (typeof OF_ONE)[string];
    if (name === 'size' && kindAt(first as CelNode) === 'headers')
      throw new CelFault('headers are not counted here', at);
    const value = compile(first as CelNode);
    return (source) => {
      const given = value(source);
      return given instanceof CelError ? given : made(given);
    };
  }
  throw new CelFault(`${name} with ${args.length} values is no function that is known here`, at);
}

const kindAt = (node: CelNode): string | undefined => {
  const name = attributeOf(node);
  return name === undefined ? undefined : ATTRIBUTES[name];
};

/** `has(a.b)`: whether what holds `b` has it; of an attribute, whether the exchange says it. */
function has({ args, at }: Call): CelProgram {
  const [asks] = args;
  if (args.length !== 1 || asks?.kind !== 'select') throw new CelFault('has takes a field, as in has(request.id)', at);
  const value = compile(asks);
  return (source) => {
    const found = value(source);
    return found instanceof CelError && found !== NO_KEY ? found : found !== NO_KEY;
  };
}

/** Somewhere in the text, as CEL's matches has it. */
function matches(text: CelProgram, pattern: CelNode): CelProgram {
  if (pattern.kind !== 'literal' || typeof pattern.value !== 'string')
    throw new CelFault('matches takes its expression as a text', pattern.at);
  const anywhere = linearRegex(`(?s:.*?)(?:${pattern.value})(?s:.*)`);
  if (anywhere === undefined || linearRegex(pattern.value) === undefined)
    throw new CelFault(`${JSON.stringify(pattern.value)} is not RE2 syntax`, pattern.at);
  return (source) => {
    const value = text(source);
    return typeof value === 'string' ? anywhere.matches(value) : value instanceof CelError ? value : NO_OVERLOAD;
  };
}
