/** The static table of HPACK (RFC 7541, Appendix A). The first entry has index 1. */
import { octetsOf } from '../http1/octets.ts';
import { behindName, hashOctets, marksOfName, marksOfValue } from './field-marks.ts';

export const STATIC_FIELDS: readonly (readonly [name: string, value: string])[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ['accept-language', ''],
  ['accept-ranges', ''],
  ['accept', ''],
  ['access-control-allow-origin', ''],
  ['age', ''],
  ['allow', ''],
  ['authorization', ''],
  ['cache-control', ''],
  ['content-disposition', ''],
  ['content-encoding', ''],
  ['content-language', ''],
  ['content-length', ''],
  ['content-location', ''],
  ['content-range', ''],
  ['content-type', ''],
  ['cookie', ''],
  ['date', ''],
  ['etag', ''],
  ['expect', ''],
  ['expires', ''],
  ['from', ''],
  ['host', ''],
  ['if-match', ''],
  ['if-modified-since', ''],
  ['if-none-match', ''],
  ['if-range', ''],
  ['if-unmodified-since', ''],
  ['last-modified', ''],
  ['link', ''],
  ['location', ''],
  ['max-forwards', ''],
  ['proxy-authenticate', ''],
  ['proxy-authorization', ''],
  ['range', ''],
  ['referer', ''],
  ['refresh', ''],
  ['retry-after', ''],
  ['server', ''],
  ['set-cookie', ''],
  ['strict-transport-security', ''],
  ['transfer-encoding', ''],
  ['user-agent', ''],
  ['vary', ''],
  ['via', ''],
  ['www-authenticate', ''],
];

/** `name: value` and line end, as the decoder writes fields, and what `field-marks.ts` says of it. */
export interface TableEntry {
  readonly line: Uint8Array;
  readonly nameLength: number;
  readonly nameHash: number;
  readonly hash: number;
  readonly marks: number;
}

/** Position 0 stands for index 1. */
export const STATIC_ENTRIES: readonly TableEntry[] = STATIC_FIELDS.map(([name, value]) => {
  const line = octetsOf(`${name}: ${value}\r\n`);
  const { length } = name;
  const nameHash = hashOctets(line, 0, length, 0);
  const end = line.length - 2;
  return {
    line,
    nameLength: length,
    nameHash,
    hash: hashOctets(line, length + 2, end, behindName(nameHash)),
    marks: marksOfName(line, 0, length, nameHash) | marksOfValue(line, length + 2, end),
  };
});
