/** Arithmetic of the Common Expression Language: operands of one kind, results within it. */
import { CelDuration, CelError, CelTimestamp, CelUint, type CelValue, intOf, NO_OVERLOAD, uintOf } from './values.ts';

const BY_ZERO = new CelError('division by zero');

export function negated(value: CelValue): CelValue {
  if (typeof value === 'bigint') return intOf(-value);
  if (typeof value === 'number') return -value;
  return value instanceof CelError ? value : NO_OVERLOAD;
}

export function arithmetic(operator: string, left: CelValue, right: CelValue): CelValue {
  if (left instanceof CelError) return left;
  if (right instanceof CelError) return right;
  if (typeof left === 'bigint' && typeof right === 'bigint') return whole(operator, left, right, intOf);
  if (left instanceof CelUint && right instanceof CelUint) return whole(operator, left.value, right.value, uintOf);
  if (typeof left === 'number' && typeof right === 'number') return double(operator, left, right);
  return ofTimes(operator, left, right);
}

function whole(operator: string, left: bigint, right: bigint, made: (value: bigint) => CelValue): CelValue {
  switch (operator) {
    case '+':
      return made(left + right);
    case '-':
      return made(left - right);
    case '*':
      return made(left * right);
    case '/':
      return right === 0n ? BY_ZERO : made(left / right);
    default:
      return right === 0n ? BY_ZERO : made(left % right);
  }
}

function double(operator: string, left: number, right: number): CelValue {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return NO_OVERLOAD;
  }
}

function ofTimes(operator: string, left: CelValue, right: CelValue): CelValue {
  if (operator !== '+' && operator !== '-') return NO_OVERLOAD;
  const sign = operator === '+' ? 1n : -1n;
  if (right instanceof CelDuration) {
    if (left instanceof CelDuration) return new CelDuration(left.nanoseconds + sign * right.nanoseconds);
    if (left instanceof CelTimestamp) return new CelTimestamp(left.nanoseconds + sign * right.nanoseconds);
  }
  if (right instanceof CelTimestamp) {
    if (left instanceof CelTimestamp && operator === '-') return new CelDuration(left.nanoseconds - right.nanoseconds);
    if (left instanceof CelDuration && operator === '+') return new CelTimestamp(left.nanoseconds + right.nanoseconds);
  }
  return NO_OVERLOAD;
}
