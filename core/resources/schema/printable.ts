/** Pieces of the input in messages: as JSON text in which nothing steers a terminal (control characters, line separators, bidi marks). */
const STEERING = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON text of `text`: `JSON.parse` gives it back. */
export const safeJson = (text: string): string =>
  JSON.stringify(text).replace(STEERING, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

const LONGEST = 64;

export const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text);

/** A word from the input, as code, cut. */
export function quoted(word: string): string {
  const short = cut(word);
  return /^[ -~]*$/.test(short) ? `\`${short}\`` : safeJson(short);
}
