/** The name of an encoded resource: field 1 of Cluster, Listener and RouteConfiguration, cluster_name (1 too) of ClusterLoadAssignment. */
const decoder = new TextDecoder();

/** undefined when the bytes are no message, or name nothing. */
export function resourceName(message: Uint8Array): string | undefined {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[at];
      if (byte === undefined) return -1;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return -1;
  };
  while (at < message.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 2) {
      const length = varint();
      if (length < 0 || at + length > message.length) return undefined;
      if (tag >>> 3 === 1) return decoder.decode(message.subarray(at, at + length));
      at += length;
    } else if (wire === 0) {
      if (varint() < 0) return undefined;
    } else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4;
    else return undefined;
  }
  return undefined;
}
