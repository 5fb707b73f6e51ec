/**
 * Octets that plain data takes in memory, never fewer than V8 takes for it (64 bits, pointers not compressed): what stores of others' values are
 * bounded by. What is held twice counts twice. A text must be one of its own, not a part of a longer one.
 */

/** A word of the heap, and the header of an object: its shape, its further properties, its elements. */
const WORD = 8;
const OBJECT = 3 * WORD;
/** Header of a text, and what rounding up adds. */
const TEXT = 3 * WORD;
/** A number that is no small whole one. */
const NUMBER = 2 * WORD;

/** An entry of a Map or Set without its key and value, the room that it grows by included. */
export const ENTRY_OCTETS = 8 * WORD;

// oxlint-disable-next-line no-control-regex
const WIDE = /[^\u0000-\u00ff]/;

export const textOctets = (text: string): number => TEXT + (WIDE.test(text) ? 2 : 1) * text.length;

/** Of texts, numbers, booleans, and lists and objects of them. Never of what leads back to itself. */
export function octetsOf(value: unknown): number {
  if (typeof value === 'string') return textOctets(value);
  if (typeof value === 'number') return NUMBER;
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) {
    let sum = 2 * OBJECT + 2 * WORD;
    for (const each of value) sum += WORD + octetsOf(each);
    return sum;
  }
  // As many words again: an object that was made of another one may have room for more fields.
  let sum = 2 * OBJECT;
  // Plain data inherits no fields; a list of them would cost a third of all this.
  for (const name in value) sum += 2 * WORD + octetsOf((value as Record<string, unknown>)[name]);
  return sum;
}
