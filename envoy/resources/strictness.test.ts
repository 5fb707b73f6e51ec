// No field of a supported message is ignored: each field of each message that the decoders read is set alone in an accepted base and must
// then either change the row or be refused at its path. The exceptions are listed, each with its reason.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster, EndpointSet, Listener, RouteConfiguration } from '@weft/core/proxy-config';
import { checkConstraints, Path, Report, writeMessage } from '../codec/index.ts';
import { WEFT_PROFILE, type ClientProfile } from '../profile/index.ts';
import { messageType, type Field, type MessageName, type Messages, type MessageType } from '../tables/index.ts';
import { ACCEPTED } from '../testing/accepted-messages.ts';
import { reading, type Cursor } from './base/cursor.ts';
import {
  decodeCluster,
  decodeEndpointSet,
  decodeListener,
  decodeRouteConfiguration,
  encodeCluster,
  encodeEndpointSet,
  encodeListener,
  encodeRouteConfiguration,
  readCluster,
  type Encoded,
} from './index.ts';

type Fields = Readonly<Record<string, unknown>>;
type Decode = (message: Fields, report: Report) => unknown;

interface Both {
  readonly decode: Decode;
  /** Row to message to row, as one client of ours would read it. */
  readonly again: (row: never, report: Report) => unknown;
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

const decoders = new Map<MessageName, Both>([
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
  ['envoy.config.cluster.v3.Cluster', both<'envoy.config.cluster.v3.Cluster', Cluster>(decodeCluster, encodeCluster)],
  [
    'envoy.config.endpoint.v3.ClusterLoadAssignment',
    both<'envoy.config.endpoint.v3.ClusterLoadAssignment', EndpointSet>(
      (cursor) => decodeEndpointSet(cursor),
      encodeEndpointSet,
    ),
  ],
]);

/** Fields that are read and change nothing, by message: what they say holds anyway here. */
const WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  'envoy.config.accesslog.v3.AccessLog.name': 'the type of the typed_config decides',
  'envoy.config.listener.v3.Filter.name': 'the type of the typed_config decides',
  'envoy.config.listener.v3.ListenerFilter.name': 'the type of the typed_config decides',
  'envoy.config.core.v3.TransportSocket.name': 'the type of the typed_config decides',
  'envoy.config.route.v3.RetryPolicy.RetryHostPredicate.name': 'the type of the typed_config decides',
  'envoy.config.cluster.v3.Cluster.TransportSocketMatch.name': 'a label',
  'envoy.config.core.v3.HealthCheck.name': 'a label',
  'envoy.config.core.v3.TypedExtensionConfig.name': 'the type of the typed_config decides',
  'envoy.config.cluster.v3.LoadBalancingPolicy.policies': 'only the first counts, as in Envoy',
  'envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter.name': 'the router has no row',
  'envoy.config.core.v3.ApiConfigSource.set_node_on_first_message_only': 'how the agent is asked, not what for',
  'envoy.config.core.v3.RuntimeDouble.runtime_key': 'there is no runtime',
  'envoy.type.matcher.v3.RegexMatcher.google_re2': 'the only engine',
  'envoy.config.core.v3.ConfigSource.resource_api_version': 'V3 is the only version',
  'envoy.config.core.v3.ConfigSource.initial_fetch_timeout': 'refused unless it is the default',
};

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

test('the bases are accepted as they are', () => {
  for (const [name, base] of ACCEPTED) {
    const report = new Report();
    decoders.get(name)?.decode(base as Fields, report);
    checkConstraints(name, base as never, Path.ROOT, report);
    assert.deepEqual(report.diagnostics(), []);
  }
});

test('every field of every supported message is consumed or refused; what is accepted settles after one round', () => {
  const seen = new Set<string>();
  const ignored = new Set<string>();
  let accepted = 0;
  for (const [name, base] of ACCEPTED) {
    const both = decoders.get(name);
    const root = messageType(name);
    assert.ok(both && root);
    const before = JSON.stringify(both.decode(base as Fields, new Report()));
    for (const [type, part, rebuild] of parts(root, base as Fields, (whole) => whole)) {
      for (const field of type.fields) {
        const id = `${type.name}.${field.name}`;
        const noticed = samples(field, part[field.name]).some((value) => {
          const report = new Report();
          const row = both.decode(rebuild({ ...part, [field.name]: value }), report);
          if (report.failed) return true;
          const settled = both.again(row as never, report);
          assert.deepEqual(report.diagnostics(), [], id);
          assert.deepEqual(settled, row, id);
          accepted += 1;
          return JSON.stringify(row) !== before;
        });
        if (noticed) seen.add(id);
        else if (!Object.hasOwn(WITHOUT_EFFECT, id) && !emptyMessage(field)) ignored.add(id);
      }
    }
  }
  assert.deepEqual(
    [...ignored].filter((id) => !seen.has(id)),
    [],
    'ignored in silence',
  );
  assert.ok(accepted > 100, `${accepted} messages were accepted`);
  assert.ok(seen.size > 500, `${seen.size} fields were seen`);
});

/** An empty message in place of none says nothing by itself: its own fields are judged in their turn. */
const emptyMessage = (field: Field): boolean =>
  field.kind === 'message' && !field.repeated && field.mapKey === undefined && field.message.form === 'fields';

test('an unknown field number in a resource is refused', () => {
  const bytes = writeMessage('envoy.config.cluster.v3.Cluster', { name: 'c' });
  const read = readCluster(Uint8Array.from([...bytes, 0xfa, 0x3f, 0x01, 0x00]));
  assert.equal(read.ok ? '' : read.error[0]?.code, 'unknown-field');
});
