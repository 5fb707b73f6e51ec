/** Frames of HTTP/2 as a hostile peer writes them (RFC 9113, 4; RFC 7541): any type, any flags, any octets. Nothing here is checked. */

export const TYPES = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
  ALTSVC: 10,
  ORIGIN: 12,
} as const;
export type FrameType = keyof typeof TYPES;

export const END_STREAM = 1;
export const ACK = 1;
export const END_HEADERS = 4;

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export function frame(
  type: FrameType | number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = typeof type === 'number' ? type : TYPES[type];
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export const uint32 = (value: number): Buffer => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value >>> 0);
  return octets;
};

export const settings = (...pairs: readonly (readonly [id: number, value: number])[]): Buffer =>
  Buffer.concat(pairs.map(([id, value]) => Buffer.concat([Buffer.from([id >> 8, id & 255]), uint32(value)])));

/** An integer with a prefix of so many bits, the bits above it set in `first`. */
function integer(value: number, bits: number, first: number): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.from([first | value]);
  const octets = [first | most];
  let left = value - most;
  for (; left > 127; left = Math.floor(left / 128)) octets.push((left % 128) | 128);
  return Buffer.from([...octets, left]);
}

const string = (text: string): Buffer => {
  const octets = Buffer.from(text, 'latin1');
  return Buffer.concat([integer(octets.length, 7, 0), octets]);
};

/** A literal without Huffman coding and without a place in the table, or with one. One character an octet. */
export const literal = (name: string, value: string, indexed = false): Buffer =>
  Buffer.concat([Buffer.from([indexed ? 64 : 0]), string(name), string(value)]);

/** A field by its number in the tables; the newest of the peer's table is 62. */
export const indexed = (index: number): Buffer => integer(index, 7, 128);

export type Fields = readonly (readonly [name: string, value: string])[];
export const block = (fields: Fields): Buffer => Buffer.concat(fields.map(([name, value]) => literal(name, value)));

export const GOOD: Fields = [
  [':method', 'GET'],
  [':scheme', 'http'],
  [':path', '/good'],
  [':authority', 'good.test'],
  ['x-role', 'admin'],
];
