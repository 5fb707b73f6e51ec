/**
 * Every field of every message that the decoders read, set alone in an accepted base: what the decoder makes of it. The test of strictness
 * and the table in the docs are both made of these verdicts.
 */
import type { Cluster, EndpointSet, Listener, RouteConfiguration, RouteScope } from '@weft/core/proxy-config';
import { decodeBootstrap } from '../bootstrap/decode.ts';
import { Path, Report } from '../codec/index.ts';
import { WEFT_PROFILE, type ClientProfile } from '../profile/index.ts';
import { reading, type Cursor } from '../resources/base/cursor.ts';
import {
  decodeCluster,
  decodeEndpointSet,
  decodeListener,
  decodeRouteConfiguration,
  decodeRouteScope,
  encodeCluster,
  encodeEndpointSet,
  encodeListener,
  encodeRouteConfiguration,
  encodeRouteScope,
  type Encoded,
} from '../resources/index.ts';
import { messageType, type Field, type MessageName, type Messages, type MessageType } from '../tables/index.ts';
import { ACCEPTED } from './accepted-messages.ts';

type Fields = Readonly<Record<string, unknown>>;
type Decode = (message: Fields, report: Report) => unknown;

export interface Both {
  readonly decode: Decode;
  /** Row to message to row, as one client of ours would read it; undefined: the message has no encoder (a bootstrap). */
  readonly again: ((row: never, report: Report) => unknown) | undefined;
}

const both = <Name extends MessageName, Row>(
  decode: (cursor: Cursor<Messages[Name] & object>) => Row,
  encode: (row: Row, profile: ClientProfile) => Encoded<Messages[Name]>,
): Both => {
  const read = (message: Fields, report: Report): Row =>
    reading(message as Messages[Name] & object, Path.ROOT, report, decode);
  return {
    decode: read,
    again: (row, report) => read(encode(row, WEFT_PROFILE).message as Fields, report),
  };
};

export const DECODERS: ReadonlyMap<MessageName, Both> = new Map<MessageName, Both>([
  [
    'envoy.config.listener.v3.Listener',
    both<'envoy.config.listener.v3.Listener', Listener>(decodeListener, encodeListener),
  ],
  [
    'envoy.config.route.v3.RouteConfiguration',
    both<'envoy.config.route.v3.RouteConfiguration', RouteConfiguration>(
      decodeRouteConfiguration,
      encodeRouteConfiguration,
    ),
  ],
  [
    'envoy.config.route.v3.ScopedRouteConfiguration',
    both<'envoy.config.route.v3.ScopedRouteConfiguration', RouteScope>(decodeRouteScope, encodeRouteScope),
  ],
  ['envoy.config.cluster.v3.Cluster', both<'envoy.config.cluster.v3.Cluster', Cluster>(decodeCluster, encodeCluster)],
  [
    'envoy.config.endpoint.v3.ClusterLoadAssignment',
    both<'envoy.config.endpoint.v3.ClusterLoadAssignment', EndpointSet>(
      (cursor) => decodeEndpointSet(cursor),
      encodeEndpointSet,
    ),
  ],
  [
    'envoy.config.bootstrap.v3.Bootstrap',
    {
      decode: (message: Fields, report: Report) =>
        reading(message as Messages['envoy.config.bootstrap.v3.Bootstrap'], Path.ROOT, report, decodeBootstrap),
      again: undefined,
    },
  ],
]);

/** Values that differ from `present`; a boolean may have the one that holds anyway, so both are tried. */
function samples(field: Field, present: unknown): unknown[] {
  const bool =
    field.kind === 'bool' || (field.kind === 'message' && field.message.name === 'google.protobuf.BoolValue');
  return bool && !field.repeated ? [true, false] : [sample(field, present)];
}

function sample(field: Field, present: unknown): unknown {
  if (field.mapKey !== undefined) return new Map([['extra', single(field, undefined)]]);
  if (field.repeated) return [...((present as readonly unknown[] | undefined) ?? []), single(field, undefined)];
  return single(field, present);
}

function single(field: Field, present: unknown): unknown {
  if (field.kind === 'string') return present === 'other' ? 'another' : 'other';
  if (field.kind === 'bytes') return Uint8Array.of(1);
  if (field.kind === 'bool') return present !== true;
  if (field.kind === 'enum') return [...field.enumeration.names.values()].findLast((name) => name !== present);
  if (field.kind !== 'message') return present === 77 ? 78 : 77;
  const { form, name } = field.message;
  if (form === 'wrapper') return single(field.message.wrapped, present);
  if (form === 'any')
    return { type_url: 'type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StderrAccessLog', message: {} };
  if (form === 'struct') return { other: 'x' };
  if (form === 'list') return ['x'];
  if (form === 'value') return 'x';
  if (name === 'google.protobuf.Duration') return { seconds: 77 };
  return {};
}

/** Each message within `message`, with the way to build the whole with that part replaced. */
function* parts(
  type: MessageType,
  message: Fields,
  rebuild: (part: Fields) => Fields,
): Generator<[MessageType, Fields, (part: Fields) => Fields]> {
  yield [type, message, rebuild];
  for (const field of type.fields) {
    const value = message[field.name];
    if (value === undefined || field.kind !== 'message') continue;
    const put = (made: unknown): Fields => rebuild({ ...message, [field.name]: made });
    if (value instanceof Map) {
      for (const [key, entry] of value)
        yield* within(field.message, entry, (part) => put(new Map([...value, [key, part]])));
    } else if (Array.isArray(value)) {
      for (const [index, entry] of value.entries())
        yield* within(field.message, entry, (part) => put(value.with(index, part)));
    } else yield* within(field.message, value, put);
  }
}

function* within(
  type: MessageType,
  value: unknown,
  put: (part: unknown) => Fields,
): Generator<[MessageType, Fields, (part: Fields) => Fields]> {
  if (type.form === 'fields') yield* parts(type, value as Fields, put);
  if (type.form !== 'any') return;
  const any = value as { type_url: string; message: Fields };
  const inner = messageType(any.type_url.slice(any.type_url.lastIndexOf('/') + 1));
  if (inner?.form === 'fields') yield* parts(inner, any.message, (message) => put({ ...any, message }));
}

/** One try: a field of one part of one base, with one value. */
export interface Tried {
  /** `message.field`. */
  readonly id: string;
  readonly message: string;
  readonly field: Field;
  /** The base says this field itself. */
  readonly present: boolean;
  /** What the decoder made of it; undefined when it refused. */
  readonly row: unknown;
  readonly changed: boolean;
  readonly report: Report;
  readonly both: Both;
}

/** All tries, base by base. */
export function* triedFields(): Generator<Tried> {
  for (const [name, base] of ACCEPTED) {
    const both = DECODERS.get(name);
    const root = messageType(name);
    if (both === undefined || root === undefined) throw new TypeError(`${name} has no decoder`);
    const before = textOf(both.decode(base as Fields, new Report()));
    for (const [type, part, rebuild] of parts(root, base as Fields, (whole) => whole)) {
      for (const field of type.fields) {
        for (const value of samples(field, part[field.name])) {
          const report = new Report();
          const row = both.decode(rebuild({ ...without(part, type, field), [field.name]: value }), report);
          yield {
            id: `${type.name}.${field.name}`,
            message: type.name,
            field,
            present: part[field.name] !== undefined,
            row: report.failed ? undefined : row,
            changed: !report.failed && textOf(row) !== before,
            report,
            both,
          };
        }
      }
    }
  }
}

/** The part without the fields that cannot stand beside `field`. */
const without = (part: Fields, type: MessageType, { oneof }: Field): Fields =>
  oneof === undefined
    ? part
    : Object.fromEntries(
        Object.entries(part).filter(([name]) => type.fields.find((other) => other.name === name)?.oneof !== oneof),
      );

const textOf = (row: unknown): string =>
  JSON.stringify(row, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
