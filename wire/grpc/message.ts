/** A message of gRPC as it stands in the data of a stream: a flag that says whether it is compressed, four octets of length, its octets. */

export const PREFIX_LENGTH = 5;

/** Uncompressed, with its prefix. */
export function prefixed(message: Uint8Array): Uint8Array {
  const framed = new Uint8Array(PREFIX_LENGTH + message.length);
  new DataView(framed.buffer).setUint32(1, message.length);
  framed.set(message, PREFIX_LENGTH);
  return framed;
}
