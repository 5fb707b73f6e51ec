/** The octets of a text as hash functions read them, in a buffer that the next call writes over. */
let buffer = new Uint8Array(256);
let view = new DataView(buffer.buffer);

/** Of the last call: how many octets of the buffer count. */
export let length = 0;

/** UTF-8; a text that came from the wire has one character an octet, which `latin1` leaves as it is. */
export function octetsOf(text: string, latin1: boolean): DataView {
  if (buffer.length < text.length * 3) {
    buffer = new Uint8Array(text.length * 3);
    view = new DataView(buffer.buffer);
  }
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 0x7f && !latin1) {
      length = encoder.encodeInto(text, buffer).written;
      return view;
    }
    buffer[index] = code;
  }
  length = text.length;
  return view;
}

const encoder = new TextEncoder();
