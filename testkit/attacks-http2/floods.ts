/** Floods over HTTP/2 (rows 35 to 39 and 42 of the attack list): what is written after preface and SETTINGS, and what ends the connection. */
import {
  block,
  END_HEADERS,
  END_STREAM,
  frame,
  GOOD,
  indexed,
  literal,
  settings,
  uint32,
} from '../http2-frames/index.ts';

const ENHANCE_YOUR_CALM = 11;
const FLOW_CONTROL_ERROR = 3;
const HEAD = block(GOOD);
const times = (count: number, make: (index: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => make(index)));

/** A block whose fields come from one entry of the table, named one octet a time. */
const bomb = (name: string, value: string, count: number): Buffer =>
  Buffer.concat([HEAD, literal(name, value, true), Buffer.concat(Array.from({ length: count }, () => indexed(62)))]);

export interface Flood {
  readonly row: number;
  readonly name: string;
  /** What is written after preface and SETTINGS. */
  readonly octets: () => Buffer;
  /** Error code of the GOAWAY that ends it; undefined: the connection may go on. */
  readonly goAway?: number | undefined;
}

export const FLOODS: readonly Flood[] = [
  {
    row: 35,
    name: 'rapid reset',
    octets: () =>
      times(2000, (i) =>
        Buffer.concat([
          frame('HEADERS', END_HEADERS | END_STREAM, 2 * i + 1, HEAD),
          frame('RST_STREAM', 0, 2 * i + 1, uint32(8)),
        ]),
      ),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 36,
    name: 'resets by us: a window of nothing',
    octets: () =>
      times(2000, (i) =>
        Buffer.concat([
          frame('HEADERS', END_HEADERS, 2 * i + 1, HEAD),
          frame('WINDOW_UPDATE', 0, 2 * i + 1, uint32(0)),
        ]),
      ),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 36,
    name: 'resets by us: a window too large',
    octets: () =>
      times(2000, (i) =>
        Buffer.concat([
          frame('HEADERS', END_HEADERS, 2 * i + 1, HEAD),
          frame('WINDOW_UPDATE', 0, 2 * i + 1, uint32(0x7fffffff)),
        ]),
      ),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 36,
    name: 'resets by us: malformed heads',
    octets: () => times(2000, (i) => frame('HEADERS', END_HEADERS | END_STREAM, 2 * i + 1, literal('X', ''))),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 36,
    name: 'more streams than allowed',
    octets: () => times(2000, (i) => frame('HEADERS', END_HEADERS, 2 * i + 1, HEAD)),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 37,
    name: 'CONTINUATION without end',
    octets: () =>
      Buffer.concat([
        frame('HEADERS', END_STREAM, 1, HEAD),
        times(2000, () => frame('CONTINUATION', 0, 1, literal('x', 'a'.repeat(1000)))),
      ]),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 37,
    name: 'empty CONTINUATION without end',
    octets: () =>
      Buffer.concat([frame('HEADERS', END_STREAM, 1, HEAD), times(20_000, () => frame('CONTINUATION', 0, 1))]),
    goAway: ENHANCE_YOUR_CALM,
  },
  { row: 38, name: 'SETTINGS', octets: () => times(20_000, () => frame('SETTINGS', 0, 0)), goAway: ENHANCE_YOUR_CALM },
  {
    row: 38,
    name: 'SETTINGS that change every window',
    octets: () =>
      Buffer.concat([
        times(90, (i) => frame('HEADERS', END_HEADERS, 2 * i + 1, HEAD)),
        times(10_000, (i) => frame('SETTINGS', 0, 0, settings([4, i % 2 === 0 ? 1 : 65_535]))),
      ]),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 38,
    name: 'PING',
    octets: () => times(20_000, () => frame('PING', 0, 0, Buffer.alloc(8))),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 38,
    name: 'PRIORITY',
    octets: () => times(20_000, (i) => frame('PRIORITY', 0, 2 * i + 1, Buffer.from([0, 0, 0, 0, 9]))),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 38,
    name: 'empty DATA',
    octets: () => Buffer.concat([frame('HEADERS', END_HEADERS, 1, HEAD), times(20_000, () => frame('DATA', 0, 1))]),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 38,
    name: 'DATA that is padding only',
    octets: () =>
      Buffer.concat([
        frame('HEADERS', END_HEADERS, 1, HEAD),
        times(20_000, () => frame('DATA', 8, 1, Buffer.concat([Buffer.from([9]), Buffer.alloc(9)]))),
      ]),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 38,
    name: 'frames of unknown types',
    octets: () => times(20_000, () => frame(99, 0, 0)),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 38,
    name: 'RST_STREAM of streams that have ended',
    octets: () =>
      Buffer.concat([
        frame('HEADERS', END_HEADERS | END_STREAM, 1, HEAD),
        times(20_000, () => frame('RST_STREAM', 0, 1, uint32(8))),
      ]),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 39,
    name: 'HPACK: one large entry named again and again',
    octets: () => frame('HEADERS', END_HEADERS | END_STREAM, 1, bomb('x', 'a'.repeat(4000), 10_000)),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 39,
    name: 'HPACK: cookie crumbs',
    octets: () => frame('HEADERS', END_HEADERS | END_STREAM, 1, bomb('cookie', 'a', 14_000)),
  },
  {
    row: 39,
    name: 'HPACK: Host beside :authority, again and again',
    octets: () => frame('HEADERS', END_HEADERS | END_STREAM, 1, bomb('host', 'good.test', 14_000)),
  },
  {
    row: 39,
    name: 'HPACK: the table resized again and again',
    octets: () =>
      frame(
        'HEADERS',
        END_HEADERS | END_STREAM,
        1,
        Buffer.concat([
          Buffer.concat(
            Array.from({ length: 8000 }, (_, i) =>
              Buffer.from([i % 2 === 0 ? 0x20 : 0x3f, ...(i % 2 === 0 ? [] : [0x01])]),
            ),
          ),
          HEAD,
        ]),
      ),
    goAway: 9,
  },
  {
    row: 42,
    name: 'WINDOW_UPDATE of the connection, octet by octet',
    octets: () => times(20_000, () => frame('WINDOW_UPDATE', 0, 0, uint32(1))),
    goAway: ENHANCE_YOUR_CALM,
  },
  {
    row: 42,
    name: 'WINDOW_UPDATE beyond 2^31-1',
    octets: () => times(2, () => frame('WINDOW_UPDATE', 0, 0, uint32(0x7fffffff))),
    goAway: FLOW_CONTROL_ERROR,
  },
];
