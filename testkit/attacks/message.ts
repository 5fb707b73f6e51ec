/** A reader of HTTP/1.1 messages for judges: the strictest form only, so that anything an engine forwards oddly shows as a fault. */
export interface Message {
  readonly line: string;
  /** In order, names in lower case. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** Octets of the whole message. */
  readonly size: number;
}

export type Reading = Message | 'more' | { readonly fault: string };

export interface ReadOptions {
  readonly kind: 'request' | 'response';
  /** The answer to a HEAD request. */
  readonly bodiless?: boolean;
  /** The peer ended the connection: a response without a length is complete. */
  readonly ended?: boolean;
}

/** The first message of `bytes`. */
export function readMessage(bytes: Buffer, options: ReadOptions): Reading {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return 'more';
  const [line = '', ...rest] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const fields = readFields(rest);
  if (typeof fields === 'string') return { fault: fields };
  if (/[\r\n\0]/.test(line)) return { fault: `control octet in ${JSON.stringify(line)}` };
  const start = headEnd + 4;
  const done = (body: string, trailers: Message['trailers'], end: number): Message => ({
    line,
    fields,
    body,
    trailers,
    size: end,
  });
  const status = options.kind === 'response' ? Number(line.split(' ')[1]) : 0;
  if (options.kind === 'request' && !/^[!#$%&'*+\-.^_`|~\dA-Za-z]+ [!-~]+ HTTP\/1\.[01]$/.test(line))
    return { fault: `request line ${JSON.stringify(line.slice(0, 80))}` };
  const lengths = valuesOf(fields, 'content-length');
  const codings = valuesOf(fields, 'transfer-encoding');
  if (options.bodiless === true || status === 204 || status === 304 || (status >= 100 && status < 200))
    return done('', [], start);
  if (lengths.length + codings.length > 1) return { fault: 'more than one framing field' };
  if (codings.length === 1) {
    if (codings[0] !== 'chunked') return { fault: `transfer-encoding ${String(codings[0])}` };
    return readChunks(bytes, start, done);
  }
  if (lengths.length === 1) {
    if (!/^(0|[1-9]\d{0,15})$/.test(lengths[0] ?? '')) return { fault: `content-length ${String(lengths[0])}` };
    const end = start + Number(lengths[0]);
    return end > bytes.length ? 'more' : done(bytes.toString('latin1', start, end), [], end);
  }
  if (options.kind === 'request') return done('', [], start);
  return options.ended === true ? done(bytes.toString('latin1', start), [], bytes.length) : 'more';
}

export const valuesOf = (fields: Message['fields'], name: string): string[] =>
  fields.filter(([other]) => other === name).map(([, value]) => value);

function readFields(lines: readonly string[]): (readonly [string, string])[] | string {
  const fields: (readonly [string, string])[] = [];
  for (const line of lines) {
    const match = /^([!#$%&'*+\-.^_`|~\dA-Za-z]+):[ \t]*([^\r\n\0]*)$/.exec(line);
    if (match === null) return `field line ${JSON.stringify(line.slice(0, 80))}`;
    fields.push([(match[1] ?? '').toLowerCase(), (match[2] ?? '').trim()]);
  }
  return fields;
}

function readChunks(
  bytes: Buffer,
  start: number,
  done: (body: string, trailers: Message['trailers'], end: number) => Message,
): Reading {
  let at = start;
  let body = '';
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return 'more';
    const line = bytes.toString('latin1', at, lineEnd);
    if (!/^[\da-fA-F]{1,13}$/.test(line)) return { fault: `chunk line ${JSON.stringify(line.slice(0, 80))}` };
    const size = Number.parseInt(line, 16);
    at = lineEnd + 2;
    if (size === 0) {
      if (bytes.toString('latin1', at, at + 2) === '\r\n') return done(body, [], at + 2);
      const end = bytes.indexOf('\r\n\r\n', at);
      if (end < 0) return 'more';
      const trailers = readFields(bytes.toString('latin1', at, end).split('\r\n'));
      return typeof trailers === 'string' ? { fault: trailers } : done(body, trailers, end + 4);
    }
    if (bytes.length < at + size + 2) return 'more';
    body += bytes.toString('latin1', at, at + size);
    if (bytes.toString('latin1', at + size, at + size + 2) !== '\r\n') return { fault: 'chunk end' };
    at += size + 2;
  }
}
