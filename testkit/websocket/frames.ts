/**
 * Frames of WebSocket (RFC 6455, 5) as octets, right and wrong ones, as a proxy that only passes them on has to carry them: a set of the kind
 * of Autobahn's test suite. Made from a fixed seed, so that both ends know them.
 */

export interface FrameInput {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly fin?: boolean;
  /** RSV1 to RSV3 as bits 4, 2, 1. */
  readonly reserved?: number;
  readonly masked: boolean;
  /** The length in more octets than it needs. */
  readonly long?: boolean;
}

export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const MASK = [0x37, 0xfa, 0x21, 0x3d];

export function frame({ opcode, payload, fin = true, reserved = 0, masked, long = false }: FrameInput): Buffer {
  const { length } = payload;
  const extra = long || length > 65_535 ? 8 : length > 125 ? 2 : 0;
  const head = Buffer.alloc(2 + extra + (masked ? 4 : 0));
  head[0] = (fin ? 128 : 0) | (reserved << 4) | opcode;
  head[1] = (masked ? 128 : 0) | (extra === 8 ? 127 : extra === 2 ? 126 : length);
  if (extra === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (extra === 2) head.writeUInt16BE(length, 2);
  const body = Buffer.from(payload);
  if (masked) {
    head.set(MASK, 2 + extra);
    for (let i = 0; i < length; i += 1) body[i] = (body[i] as number) ^ (MASK[i % 4] as number);
  }
  return Buffer.concat([head, body]);
}

const octets = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => (i * 31 + length) & 255));
const text = (value: string): Buffer => Buffer.from(value);
const status = (code: number, reason = ''): Buffer => Buffer.from([code >> 8, code & 255, ...Buffer.from(reason)]);

/** Name and octets; `masked` as a client sends them. The close frames come last, since nothing may follow them. */
export function frameSet(masked: boolean): readonly (readonly [name: string, octets: Buffer])[] {
  const make = (input: Omit<FrameInput, 'masked'>): Buffer => frame({ ...input, masked });
  const sizes = [0, 1, 125, 126, 127, 128, 65_535, 65_536, 1_048_576];
  return [
    ...sizes.map((size) => [`text of ${size}`, make({ opcode: TEXT, payload: Buffer.alloc(size, 97) })] as const),
    ...sizes.map((size) => [`binary of ${size}`, make({ opcode: BINARY, payload: octets(size) })] as const),
    [
      'ping and pong',
      Buffer.concat([make({ opcode: PING, payload: octets(125) }), make({ opcode: PONG, payload: octets(0) })]),
    ],
    ['ping of 126, too long', make({ opcode: PING, payload: octets(126) })],
    ['a fragmented ping', make({ opcode: PING, payload: octets(3), fin: false })],
    [
      'fragments with control frames between them',
      Buffer.concat([
        make({ opcode: TEXT, payload: text('one '), fin: false }),
        make({ opcode: PING, payload: text('between') }),
        make({ opcode: CONTINUATION, payload: text('two '), fin: false }),
        make({ opcode: CONTINUATION, payload: text(''), fin: false }),
        make({ opcode: PONG, payload: text('between') }),
        make({ opcode: CONTINUATION, payload: text('three') }),
      ]),
    ],
    ['a continuation of nothing', make({ opcode: CONTINUATION, payload: text('x') })],
    ...[4, 2, 1, 7].map(
      (reserved) => [`RSV ${reserved}`, make({ opcode: TEXT, payload: text('x'), reserved })] as const,
    ),
    ...[3, 7, 11, 15].map((opcode) => [`opcode ${opcode}`, make({ opcode, payload: text('x') })] as const),
    ['invalid UTF-8', make({ opcode: TEXT, payload: Buffer.from([0xce, 0xba, 0xe1, 0xed, 0xa0, 0x80]) })],
    [
      'a code point cut in two',
      Buffer.concat([
        make({ opcode: TEXT, payload: Buffer.from([0xf0, 0x9f]), fin: false }),
        make({ opcode: CONTINUATION, payload: Buffer.from([0x98, 0x80]) }),
      ]),
    ],
    ['a length in eight octets for one', make({ opcode: BINARY, payload: octets(1), long: true })],
    ['the wrong masking', frame({ opcode: TEXT, payload: text('x'), masked: !masked })],
    ['what is no frame', Buffer.from('GET / HTTP/1.1\r\nHost: smuggled\r\n\r\n0\r\n\r\n')],
    ...[1000, 1001, 1002, 1007, 1009, 1011, 3000, 4999, 0, 999, 1005, 1006, 65_535].map(
      (code) => [`close ${code}`, make({ opcode: CLOSE, payload: status(code, 'bye') })] as const,
    ),
    ['close of one octet', make({ opcode: CLOSE, payload: octets(1) })],
    ['close of nothing', make({ opcode: CLOSE, payload: octets(0) })],
  ];
}
