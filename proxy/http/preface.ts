/** RFC 9113, 3.4: HTTP/2's preface begins with a method that no HTTP/1.1 request has. */
const START = 'PRI * HTTP/2.0';

/** Whether the first octets are those of the preface; undefined: too few to tell. */
export function beginsHttp2(octets: Uint8Array): boolean | undefined {
  const length = Math.min(octets.length, START.length);
  for (let index = 0; index < length; index += 1) if (octets[index] !== START.charCodeAt(index)) return false;
  return length === START.length ? true : undefined;
}

export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
