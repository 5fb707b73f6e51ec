/** Requests and records of taps on their way between control plane and agent. */
import { TAP_HEADERS, TAP_RATE, TAP_TEXT, type TapRecord, type TapRequest } from '../tap/index.ts';
import { EDGE_TEXT } from '../traffic/index.ts';
import { type ObjectReader, PRINTABLE, type TextRule } from './reader.ts';

/** What a screen or a page may show as it stands. */
const SHOWN: TextRule = { ...PRINTABLE, max: TAP_TEXT };
const NAME: TextRule = { ...PRINTABLE, max: EDGE_TEXT };
const MOST = Number.MAX_SAFE_INTEGER;

export const readTapRequest = (reader: ObjectReader): TapRequest => ({
  to: reader.text('to', NAME),
  method: reader.text('method', { max: 32, empty: true }),
  path: reader.text('path', SHOWN),
  status: reader.integer('status', 0, 999),
  rate: reader.integer('rate', 1, TAP_RATE),
  keep: reader.boolean('keep'),
});

export const readTapRecord = (reader: ObjectReader): TapRecord => ({
  at: reader.integer('at', 0, MOST),
  kind: reader.oneOf('kind', ['http', 'tcp'], 'http'),
  direction: reader.oneOf('direction', ['inbound', 'outbound'], 'inbound'),
  port: reader.integer('port', 0, 65_535),
  peer: reader.text('peer', SHOWN),
  identity: reader.text('identity', NAME),
  secured: reader.boolean('secured'),
  service: reader.text('service', SHOWN),
  route: reader.text('route', SHOWN),
  method: reader.text('method', SHOWN),
  authority: reader.text('authority', SHOWN),
  path: reader.text('path', SHOWN),
  protocol: reader.text('protocol', SHOWN),
  status: reader.integer('status', 0, 999),
  grpc: reader.integer('grpc', -1, MOST),
  flags: reader.text('flags', SHOWN),
  details: reader.text('details', SHOWN),
  duration: reader.integer('duration', 0, MOST) / 1000,
  requestBytes: reader.integer('requestBytes', 0, MOST),
  responseBytes: reader.integer('responseBytes', 0, MOST),
  attempts: reader.integer('attempts', 0, MOST),
  requestId: reader.text('requestId', SHOWN),
  weight: reader.integer('weight', 1, MOST),
  headers: reader.list('headers', TAP_HEADERS, (header) => [header.text('name', SHOWN), header.text('value', SHOWN)]),
  entered: reader.optionalObject('entered', (entered) => ({
    address: entered.text('address', SHOWN),
    client: entered.text('client', SHOWN),
    certificate: entered.boolean('certificate'),
    identity: entered.text('identity', SHOWN),
    serverName: entered.text('serverName', SHOWN),
  })),
});

/** The duration travels in whole microseconds. */
export const tapRecordJson = ({ duration, headers, ...record }: TapRecord): object => ({
  ...record,
  duration: Math.max(0, Math.round(duration * 1000)),
  headers: headers.map(([name, value]) => ({ name, value })),
});
