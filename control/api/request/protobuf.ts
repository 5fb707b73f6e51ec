/**
 * Kubernetes' protobuf form of a Namespace or a Service, as `kubectl create namespace` and `kubectl create service` send it: the magic
 * `k8s\0`, runtime.Unknown, in it the object. Field numbers are those of k8s.io/api/core/v1 and apimachinery/pkg/apis/meta/v1. Becomes
 * the JSON form, empty values left out as `omitempty` does; a field that is not listed here is refused.
 */
import { err, ok, type Result } from '@weft/core/kernel';
import type { Json, JsonObject } from '../patch/merge-patch.ts';

export const PROTOBUF_TYPE = 'application/vnd.kubernetes.protobuf';

type FieldType = 'string' | 'int' | 'bool' | 'map' | 'int-or-string' | 'server' | Message;

/** Field number to name and type; a name ending in `[]` repeats. `server`: the server's to fill in, not read. */
interface Message {
  readonly [number: number]: readonly [name: string, type: FieldType];
}

const OBJECT_META: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  4: ['selfLink', 'server'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  7: ['generation', 'server'],
  8: ['creationTimestamp', 'server'],
  11: ['labels', 'map'],
  12: ['annotations', 'map'],
  14: ['finalizers[]', 'string'],
  17: ['managedFields', 'server'],
};

const SERVICE_PORT: Message = {
  1: ['name', 'string'],
  2: ['protocol', 'string'],
  3: ['port', 'int'],
  4: ['targetPort', 'int-or-string'],
  5: ['nodePort', 'int'],
  6: ['appProtocol', 'string'],
};

const SERVICE_SPEC: Message = {
  1: ['ports[]', SERVICE_PORT],
  2: ['selector', 'map'],
  3: ['clusterIP', 'string'],
  4: ['type', 'string'],
  5: ['externalIPs[]', 'string'],
  7: ['sessionAffinity', 'string'],
  8: ['loadBalancerIP', 'string'],
  9: ['loadBalancerSourceRanges[]', 'string'],
  10: ['externalName', 'string'],
  11: ['externalTrafficPolicy', 'string'],
  12: ['healthCheckNodePort', 'int'],
  13: ['publishNotReadyAddresses', 'bool'],
  17: ['ipFamilyPolicy', 'string'],
  18: ['clusterIPs[]', 'string'],
  19: ['ipFamilies[]', 'string'],
  20: ['allocateLoadBalancerNodePorts', 'bool'],
  21: ['loadBalancerClass', 'string'],
  22: ['internalTrafficPolicy', 'string'],
  23: ['trafficDistribution', 'string'],
};

const OBJECTS: Readonly<Record<string, Message>> = {
  Namespace: { 1: ['metadata', OBJECT_META], 2: ['spec', { 1: ['finalizers[]', 'string'] }], 3: ['status', 'server'] },
  Service: { 1: ['metadata', OBJECT_META], 2: ['spec', SERVICE_SPEC], 3: ['status', 'server'] },
};

class Malformed extends Error {}

export function decodeProtobuf(bytes: Uint8Array): Result<JsonObject, string> {
  try {
    if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'k8s\0')
      throw new Malformed('it does not begin with k8s');
    let type: JsonObject = {};
    let raw: Uint8Array = new Uint8Array();
    for (const [number, value] of fieldsOf(bytes.subarray(4))) {
      if (number === 1)
        type = readMessage({ 1: ['apiVersion', 'string'], 2: ['kind', 'string'] }, asBytes(value), 'type');
      if (number === 2) raw = asBytes(value);
    }
    const message = type['apiVersion'] === 'v1' ? OBJECTS[String(type['kind'])] : undefined;
    if (message === undefined) throw new Malformed(`${String(type['kind']).slice(0, 64)} is read as JSON only`);
    return ok({ ...type, ...readMessage(message, raw, String(type['kind'])) });
  } catch (error) {
    if (error instanceof Malformed) return err(`the protobuf body cannot be read: ${error.message}`);
    throw error;
  }
}

function readMessage(message: Message, bytes: Uint8Array, path: string): JsonObject {
  const read = new Map<string, Json>();
  for (const [number, value] of fieldsOf(bytes)) {
    const field = message[number];
    if (field === undefined) throw new Malformed(`field ${number} of ${path} is read as JSON only`);
    const [label, type] = field;
    if (type === 'server') continue;
    const name = label.replace('[]', '');
    const json = readValue(type, value, `${path}.${name}`, read.get(name));
    if (label.endsWith('[]')) read.set(name, [...((read.get(name) as Json[] | undefined) ?? []), json ?? '']);
    else if (json !== undefined) read.set(name, json);
  }
  return Object.fromEntries(read);
}

/** undefined: empty, to be left out. */
function readValue(
  type: Exclude<FieldType, 'server'>,
  value: Value,
  path: string,
  before: Json | undefined,
): Json | undefined {
  if (type === 'string') return asText(value) || undefined;
  if (type === 'int') return asNumber(value) || undefined;
  if (type === 'bool') return asNumber(value) !== 0 || undefined;
  if (type === 'map') {
    const { key = '', value: text = '' } = readMessage(
      { 1: ['key', 'string'], 2: ['value', 'string'] },
      asBytes(value),
      path,
    );
    return Object.fromEntries([...Object.entries((before ?? {}) as JsonObject), [String(key), text]]);
  }
  if (type === 'int-or-string') {
    const {
      type: kind,
      number,
      text,
    } = readMessage({ 1: ['type', 'int'], 2: ['number', 'int'], 3: ['text', 'string'] }, asBytes(value), path);
    return kind === 1 ? text : number;
  }
  return readMessage(type, asBytes(value), path);
}

type Value = number | Uint8Array;

/** Wire types 0 (varint) and 2 (length-delimited); the others do not occur in these messages. */
function* fieldsOf(bytes: Uint8Array): Generator<readonly [number: number, value: Value]> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = bytes[at];
      if (byte === undefined) throw new Malformed('it ends in the middle of a number');
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Malformed('a number is too long');
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (tag % 8 === 0) yield [number, varint()];
    else if (tag % 8 === 2) {
      const length = varint();
      if (length > bytes.length - at) throw new Malformed('it is cut off');
      yield [number, bytes.subarray(at, at + length)];
      at += length;
    } else throw new Malformed(`wire type ${tag % 8}`);
  }
}

function asBytes(value: Value): Uint8Array {
  if (typeof value === 'number') throw new Malformed('a number where a message belongs');
  return value;
}

function asNumber(value: Value): number {
  if (typeof value !== 'number') throw new Malformed('a text where a number belongs');
  return value;
}

function asText(value: Value): string {
  const text = Buffer.from(asBytes(value)).toString('utf8');
  if (text.includes('\ufffd')) throw new Malformed('a text is not UTF-8');
  return text;
}
