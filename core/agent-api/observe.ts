/**
 * Observe: the stream on which an agent tells what its proxy counted, and on request shows single exchanges. One message of counts is under way
 * at a time: the next one waits for `taken`, and what is counted meanwhile adds up at the agent. Edges are described once a stream and then
 * named by number. An agent speaks of its own workload only: its side of an edge does not travel.
 */
import type { Diagnostic, Result } from '../kernel/index.ts';
import type { Exemplar } from '../metrics/index.ts';
import type { TapRecord, TapRequest } from '../tap/index.ts';
import {
  EDGE_TEXT,
  type Edge,
  type EdgeAmounts,
  FEW_EXEMPLARS,
  FIRST_BUCKET,
  LAST_BUCKET,
  type Party,
  type ResponseCount,
  type TrafficCounts,
} from '../traffic/index.ts';
import { SPANS_A_MESSAGE, type TraceSpan } from '../traces/index.ts';
import { LIMITS } from './limits.ts';
import { readSpan, spanJson } from './spans.ts';
import { LABEL_RULE, type ObjectReader, PRINTABLE, readMessage, type TextRule } from './reader.ts';
import { readTapRecord, readTapRequest, tapRecordJson } from './tap.ts';

export type ObserveUp =
  | {
      readonly type: 'hello';
      readonly namespace: string;
      /** Name of the Workload that the agent holds. */
      readonly name: string;
      readonly app: string;
      readonly version: string;
      /** Of this life of the agent; sequences count within it. */
      readonly epoch: string;
    }
  | {
      readonly type: 'counts';
      /** From 1. A message that is sent again, on another stream, has the number it had. */
      readonly sequence: number;
      /** Edges that this stream has not named before. */
      readonly edges: readonly { readonly id: number; readonly edge: Edge }[];
      readonly rows: readonly {
        readonly id: number;
        readonly counts: TrafficCounts;
        readonly exemplars?: readonly Exemplar[];
      }[];
    }
  /** `missed`: spans that were not told since the last message, because there were too many. */
  | { readonly type: 'spans'; readonly spans: readonly TraceSpan[]; readonly missed: number }
  /** `missed`: exchanges that matched and were not shown since the last message, because there were too many. */
  | { readonly type: 'tapped'; readonly tap: number; readonly records: readonly TapRecord[]; readonly missed: number };

export type ObserveDown =
  /** Counts are welcome, every so many ms. */
  | { readonly type: 'welcome'; readonly interval: number }
  | { readonly type: 'taken'; readonly sequence: number }
  | { readonly type: 'tap'; readonly tap: number; readonly request: TapRequest }
  | { readonly type: 'untap'; readonly tap: number };

const EPOCH: TextRule = { max: 32, pattern: /^[0-9a-f]+$/, form: 'hexadecimal digits' };
const LABEL_TEXT: TextRule = { max: 63, empty: true, pattern: /^[-A-Za-z0-9_.]*$/, form: 'a label value' };
const EDGE_RULE: TextRule = { ...PRINTABLE, max: EDGE_TEXT };
const MOST = Number.MAX_SAFE_INTEGER;

export function readObserveUp(value: unknown): Result<ObserveUp, readonly Diagnostic[]> {
  return readMessage(value, (reader): ObserveUp => {
    const type = reader.oneOf('type', ['hello', 'counts', 'spans', 'tapped'], 'counts');
    switch (type) {
      case 'hello':
        return {
          type,
          namespace: reader.text('namespace', LABEL_RULE),
          name: reader.text('name', LABEL_RULE),
          app: reader.text('app', LABEL_TEXT),
          version: reader.text('version', LABEL_TEXT),
          epoch: reader.text('epoch', EPOCH),
        };
      case 'counts':
        return {
          type,
          sequence: reader.integer('sequence', 1, MOST),
          edges: reader.list('edges', LIMITS.edges, (each) => ({
            id: each.integer('id', 0, LIMITS.edgeIds - 1),
            edge: readEdge(each),
          })),
          rows: reader.list('rows', LIMITS.edges, (each) => ({
            id: each.integer('id', 0, LIMITS.edgeIds - 1),
            counts: readCounts(each),
            ...(each.has('exemplars') ? { exemplars: each.list('exemplars', FEW_EXEMPLARS, readExemplar) } : {}),
          })),
        };
      case 'spans':
        return {
          type,
          spans: reader.list('spans', SPANS_A_MESSAGE, readSpan),
          missed: reader.integer('missed', 0, MOST),
        };
      case 'tapped':
        return {
          type,
          tap: reader.integer('tap', 1, MOST),
          records: reader.list('records', LIMITS.tapped, readTapRecord),
          missed: reader.integer('missed', 0, MOST),
        };
      default:
        return type satisfies never;
    }
  });
}

export function readObserveDown(value: unknown): Result<ObserveDown, readonly Diagnostic[]> {
  return readMessage(value, (reader): ObserveDown => {
    const type = reader.oneOf('type', ['welcome', 'taken', 'tap', 'untap'], 'taken');
    switch (type) {
      case 'welcome':
        return { type, interval: reader.integer('interval', 100, 60_000) };
      case 'taken':
        return { type, sequence: reader.integer('sequence', 1, MOST) };
      case 'tap':
        return { type, tap: reader.integer('tap', 1, MOST), request: reader.object('request', readTapRequest) };
      case 'untap':
        return { type, tap: reader.integer('tap', 1, MOST) };
      default:
        return type satisfies never;
    }
  });
}

/** The other side goes by the name of `peer`; the reporter's own is left empty. */
function readEdge(reader: ObjectReader): Edge {
  const reporter = reader.oneOf('reporter', ['source', 'destination'], 'source');
  const peer = reader.object('peer', readParty);
  const own: Party = { namespace: '', workload: '', app: '', version: '', identity: '' };
  return {
    reporter,
    protocol: reader.oneOf('protocol', ['http', 'grpc', 'tcp'], 'http'),
    source: reporter === 'source' ? own : peer,
    destination: reporter === 'source' ? peer : own,
    service: reader.object('service', (service) => ({
      namespace: service.text('namespace', EDGE_RULE),
      name: service.text('name', EDGE_RULE),
    })),
    route: reader.text('route', EDGE_RULE),
    security: reader.oneOf('security', ['mutual_tls', 'none', 'unknown'], 'unknown'),
  };
}

const readParty = (reader: ObjectReader): Party => ({
  namespace: reader.text('namespace', EDGE_RULE),
  workload: reader.text('workload', EDGE_RULE),
  app: reader.text('app', EDGE_RULE),
  version: reader.text('version', EDGE_RULE),
  identity: reader.text('identity', EDGE_RULE),
});

function readCounts(reader: ObjectReader): TrafficCounts {
  const amount = (name: string): number => reader.integer(name, 0, MOST);
  const responses = reader.list('responses', LIMITS.responses, readResponse);
  const requests = responses.reduce((sum, { count }) => sum + count, 0);
  const buckets = reader.list(
    'durations',
    LAST_BUCKET - FIRST_BUCKET + 1,
    (each) => [each.integer('at', FIRST_BUCKET, LAST_BUCKET), each.integer('count', 0, MOST)] as const,
  );
  if (buckets.reduce((sum, [, count]) => sum + count, 0) !== requests)
    reader.refuse('durations', 'malformed', 'must count as many as responses do');
  return {
    requests,
    responses,
    retries: amount('retries'),
    requestBytes: amount('requestBytes'),
    responseBytes: amount('responseBytes'),
    durations: { count: requests, sum: reader.integer('durationSum', 0, MOST) / 1000, buckets },
    opened: amount('opened'),
    closed: amount('closed'),
    // Agents of before do not tell it.
    openTime: reader.has('openTime') ? amount('openTime') : 0,
  };
}

const TRACE_ID: TextRule = { max: 32, pattern: /^[0-9a-f]{32}$/, form: '32 lower-case hexadecimal digits' };

/** The value travels in whole microseconds. */
const readExemplar = (reader: ObjectReader): Exemplar => ({
  traceId: reader.text('trace', TRACE_ID),
  value: reader.integer('duration', 0, MOST) / 1000,
  at: reader.integer('at', 0, MOST),
});

const exemplarJson = ({ traceId, value, at }: Exemplar): object => ({
  trace: traceId,
  duration: Math.round(value * 1000),
  at: Math.round(at),
});

const FLAGS: TextRule = { max: 100, empty: true, pattern: /^[A-Z,]*$/, form: 'response flags' };

const readResponse = (reader: ObjectReader): ResponseCount => ({
  code: reader.integer('code', 0, 999),
  grpc: reader.integer('grpc', -1, 16),
  flags: reader.text('flags', FLAGS),
  count: reader.integer('count', 0, MOST),
});

export function observeUpJson(message: ObserveUp): object {
  switch (message.type) {
    case 'hello':
      return message;
    case 'counts':
      return {
        type: message.type,
        sequence: message.sequence,
        edges: message.edges.map(({ id, edge }) => ({ id, ...edgeJson(edge) })),
        rows: message.rows.map(({ id, counts, exemplars = [] }) => ({
          id,
          ...countsJson(counts),
          ...(exemplars.length === 0 ? {} : { exemplars: exemplars.map(exemplarJson) }),
        })),
      };
    case 'spans':
      return { ...message, spans: message.spans.map(spanJson) };
    case 'tapped':
      return { ...message, records: message.records.map(tapRecordJson) };
    default:
      return message satisfies never;
  }
}

const edgeJson = ({ reporter, protocol, source, destination, service, route, security }: Edge): object => ({
  reporter,
  protocol,
  peer: reporter === 'source' ? destination : source,
  service,
  route,
  security,
});

/** The sum of durations travels in whole microseconds. */
const countsJson = ({
  responses,
  retries,
  requestBytes,
  responseBytes,
  durations,
  opened,
  closed,
  openTime,
}: TrafficCounts): object => ({
  responses,
  retries,
  requestBytes,
  responseBytes,
  durationSum: Math.round(durations.sum * 1000),
  durations: durations.buckets.map(([at, count]) => ({ at, count })),
  opened,
  closed,
  openTime,
});

/** With the side of the one who reports. */
export const withReporter = ({ edge, counts }: EdgeAmounts, own: Party): EdgeAmounts => ({
  edge: edgeOf(edge, own),
  counts,
});

export const edgeOf = (edge: Edge, own: Party): Edge =>
  edge.reporter === 'source' ? { ...edge, source: own } : { ...edge, destination: own };
