/** ClientHellos made to measure (RFC 8446 4.1.2): what no TLS library of a client would send. */
export interface HelloForm {
  /** Sent as it is, latin1. Absent: no server_name extension. */
  readonly server_name?: string;
  readonly alpn?: readonly string[];
  /** Values of RFC 8701 among ciphers, extensions and protocols. */
  readonly grease?: boolean;
  /** Bytes of a padding extension. */
  readonly padding?: number;
  /** The handshake message in records of so many bytes; absent: 16384. */
  readonly record_bytes?: number;
}

export function clientHello(form: HelloForm): Buffer {
  const { server_name: name, alpn = [], grease = false, padding = 0, record_bytes: most = 16_384 } = form;
  const extensions = Buffer.concat([
    ...(grease ? [extension(0x2a2a, Buffer.alloc(0))] : []),
    ...(name === undefined ? [] : [extension(0, serverNames(Buffer.from(name, 'latin1')))]),
    extension(0x002b, Buffer.from([2, 3, 4])),
    ...(alpn.length === 0 && !grease ? [] : [extension(16, protocols(grease ? ['\x8a\x8a', ...alpn] : alpn))]),
    ...(grease ? [extension(0xbaba, Buffer.from([0]))] : []),
    ...(padding === 0 ? [] : [extension(21, Buffer.alloc(padding))]),
  ]);
  const ciphers = Buffer.from(grease ? [0x1a, 0x1a, 0x13, 0x01] : [0x13, 0x01]);
  const body = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    Buffer.from([0]),
    u16(ciphers.length),
    ciphers,
    Buffer.from([1, 0]),
    u16(extensions.length),
    extensions,
  ]);
  const message = Buffer.concat([Buffer.from([1, body.length >> 16]), u16(body.length & 0xffff), body]);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += most) {
    const part = message.subarray(at, at + most);
    records.push(Buffer.from([22, 3, 1]), u16(part.length), part);
  }
  return Buffer.concat(records);
}

const extension = (type: number, content: Buffer): Buffer => Buffer.concat([u16(type), u16(content.length), content]);

const serverNames = (name: Buffer): Buffer =>
  Buffer.concat([u16(name.length + 3), Buffer.from([0]), u16(name.length), name]);

function protocols(names: readonly string[]): Buffer {
  const list = Buffer.concat(names.map((name) => Buffer.from(`${String.fromCharCode(name.length)}${name}`, 'latin1')));
  return Buffer.concat([u16(list.length), list]);
}

const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255]);
