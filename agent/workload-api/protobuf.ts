/**
 * The protobuf forms that the SPIFFE Workload API needs: messages whose fields are texts, octets, messages or maps of them, all with a length
 * (wire type 2). A field that is not known is skipped, as protobuf wants; what is cut or of another form is refused.
 */

export type Field = readonly [number: number, value: string | Uint8Array];

const varint = (value: number): number[] => {
  const octets: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...octets, rest];
    octets.push((rest % 128) | 0x80);
  }
};

/** Empty values are written: whoever does not want one leaves it out. */
export function encodeFields(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      const octets = typeof value === 'string' ? Buffer.from(value) : value;
      return [Buffer.from([...varint(number * 8 + 2), ...varint(octets.length)]), octets];
    }),
  );
}

/** An entry of a map<string, bytes>. */
export const mapEntry = (key: string, value: Uint8Array): Buffer =>
  encodeFields([
    [1, key],
    [2, value],
  ]);

const MAX_FIELDS = 1000;

/** All fields in order; undefined when the octets are no message of this form. */
export function decodeFields(message: Uint8Array): readonly (readonly [number: number, value: Buffer])[] | undefined {
  const fields: [number, Buffer][] = [];
  let at = 0;
  const number = (): number | undefined => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const octet = message[at];
      if (octet === undefined) return undefined;
      at += 1;
      value += (octet & 0x7f) * 2 ** shift;
      if (octet < 0x80) return value;
    }
    return undefined;
  };
  while (at < message.length) {
    const tag = number();
    if (tag === undefined || tag % 8 !== 2 || tag < 8) return undefined;
    const length = number();
    if (length === undefined || at + length > message.length || fields.length >= MAX_FIELDS) return undefined;
    fields.push([Math.floor(tag / 8), Buffer.from(message.subarray(at, at + length))]);
    at += length;
  }
  return fields;
}

const decoder = new TextDecoder('utf-8', { fatal: true });

/** undefined when it is not UTF-8. */
export function textOf(octets: Uint8Array): string | undefined {
  try {
    return decoder.decode(octets);
  } catch {
    return undefined;
  }
}
