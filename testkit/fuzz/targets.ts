/** What is fuzzed: decoders of octets that a peer controls. A target throws when an oracle does not hold: exceptions, cuts, round trips. */
import assert from 'node:assert/strict';
import { element, readChildren, readWhole } from '@weft/wire/der';
import { DecodeScratch, HpackDecoder, HpackEncoder, OctetWriter } from '@weft/wire/hpack';
import { RequestReader, ResponseReader, STEP_BODY, STEP_END, STEP_FAULT, STEP_HEAD, STEP_MORE } from '@weft/wire/http1';
import { readProxyHeader, writeProxyHeader } from '@weft/wire/proxy-protocol';
import { readClientHello } from '@weft/wire/tls-hello';
import { readHttp1 } from '../ring/reference.ts';

export interface Target {
  readonly name: string;
  readonly seeds: readonly Buffer[];
  run(input: Buffer): void;
}

const text = (...parts: readonly string[]): Buffer => Buffer.from(parts.join(''), 'latin1');
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

interface Seen {
  readonly messages: { start: string; body: string; whole: boolean }[];
  fault: string;
}

/** What a reader says of the input in pieces of `size` octets. */
function told(reader: RequestReader | ResponseReader, input: Buffer, size: number): Seen {
  const seen: Seen = { messages: [], fault: '' };
  for (let at = 0; at < input.length && seen.fault === ''; at += size) {
    const piece = Uint8Array.from(input.subarray(at, at + size));
    reader.feed(piece, 0, piece.length);
    for (let step = reader.next(); step !== STEP_MORE; step = reader.next()) {
      const message = seen.messages.at(-1);
      if (step === STEP_HEAD) {
        const start = reader instanceof RequestReader ? reader.method : String(reader.status);
        const fields = Array.from(
          { length: reader.head.count },
          (_, n) => `${reader.head.name(n)}: ${reader.head.value(n)}`,
        );
        seen.messages.push({ start: [start, ...fields].join('\n'), body: '', whole: false });
      } else if (step === STEP_BODY && message !== undefined)
        message.body += Buffer.from(reader.bytes.subarray(reader.body.sliceStart, reader.body.sliceEnd)).toString(
          'latin1',
        );
      else if (step === STEP_END && message !== undefined) message.whole = true;
      if (step === STEP_FAULT) {
        seen.fault = reader.fault.code;
        break;
      }
    }
    piece.fill(0);
  }
  return seen;
}

const cut = (input: Buffer): number => 1 + ((input[input.length >> 1] ?? 0) % 7);

export const TARGETS: readonly Target[] = [
  {
    name: 'http1-request',
    seeds: [
      text('GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n'),
      text('POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc'),
      text(
        'POST / HTTP/1.1\r\nHost: [::1]:80\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n0\r\nX: y\r\n\r\n',
      ),
      text('CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\nConnection: close, x\r\nExpect: 100-continue\r\n\r\n'),
    ],
    run(input) {
      const whole = told(new RequestReader(), input, input.length);
      assert.deepEqual(told(new RequestReader(), input, cut(input)), whole);
      const { messages } = readHttp1({
        protocol: 'http1',
        mutators: [],
        connection: 'fresh',
        cuts: [],
        text: input.toString('latin1'),
      });
      const read = whole.messages.filter((message) => message.whole);
      messages.slice(0, read.length).forEach(({ method, body }, index) => {
        assert.equal(read[index]?.body, body);
        assert.equal(read[index]?.start.split('\n')[0], method);
      });
    },
  },
  {
    name: 'http1-response',
    seeds: [
      text('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'),
      text('HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 204\r\n\r\n'),
      text('HTTP/1.0 200 \r\nConnection: keep-alive\r\n\r\nabc'),
      text('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na;b\r\n0123456789\r\n0\r\nX: y\r\n\r\n'),
    ],
    run(input) {
      const whole = told(new ResponseReader(), input, input.length);
      assert.deepEqual(told(new ResponseReader(), input, cut(input)), whole);
    },
  },
  {
    name: 'hpack',
    seeds: [
      hex('828684418cf1e3c2e5f23a6ba0ab90f4ff'),
      hex('400a637573746f6d2d6b65790d637573746f6d2d686561646572'),
      hex('3fe11f'),
      hex('10087061737377 6f726406736563726574'),
    ],
    run(input) {
      const fields = decoded(input);
      if (fields === undefined || fields.some(([name]) => /[A-Z]/.test(name))) return;
      const encoder = new HpackEncoder();
      const out = new OctetWriter();
      encoder.begin(out);
      for (const [name, value] of fields) encoder.text(out, name, value);
      assert.deepEqual(decoded(Buffer.from(out.take())), fields);
    },
  },
  {
    name: 'tls-hello',
    seeds: [hex('16030100 31 0100002d0303' + '00'.repeat(32) + '00 0002 1301 0100 0002 0000')],
    run(input) {
      const whole = readClientHello(input);
      for (let size = 0; size < input.length; size += cut(input)) {
        const part = readClientHello(input.subarray(0, size));
        if (part.kind !== 'incomplete') assert.deepEqual(whole, part);
      }
    },
  },
  {
    name: 'proxy-protocol',
    seeds: [
      text('PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n'),
      text('PROXY UNKNOWN\r\n'),
      Buffer.from(writeProxyHeader('v2', undefined)),
      hex('0d0a0d0a000d0a515549540a 2111 000c 01020304 05060708 0001 0002'),
      hex('0d0a0d0a000d0a515549540a 2121 0024' + '00'.repeat(36)),
    ],
    run(input) {
      const whole = readProxyHeader(input);
      for (let size = 0; size < input.length; size += cut(input)) {
        const part = readProxyHeader(input.subarray(0, size));
        if (part.kind !== 'incomplete') assert.deepEqual(whole, part);
      }
    },
  },
  {
    name: 'der',
    seeds: [hex('3006020101020102'), hex('30820003020101'), hex('0403010203')],
    run(input) {
      const read = readWhole(input);
      if (read === undefined) return;
      assert.deepEqual(Buffer.from(element(read.tag, read.content)), input);
      readChildren(read);
    },
  },
];

function decoded(input: Buffer): [string, string][] | undefined {
  const scratch = new DecodeScratch();
  const decoder = new HpackDecoder(4096, 16_384, scratch);
  const fields: [string, string][] = [];
  const part = (from: number, to: number): string => Buffer.from(scratch.bytes.subarray(from, to)).toString('latin1');
  const fault = decoder.decode(input, 0, input.length, {
    field: (from, to, start, end) => void fields.push([part(from, to), part(start, end)]),
  });
  return fault === undefined && !decoder.overLimit ? fields : undefined;
}
