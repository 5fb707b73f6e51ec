/**
 * DiscoveryResponse and DeltaDiscoveryResponse (envoy.service.discovery.v3) between bytes and values. A resource is encoded once
 * (`stateOfTheWorldPart`, `deltaPart`) and its part shared by every stream: assembling a response only copies bytes.
 */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
import { BinaryWriter, readMessage, writeMessage, type ReadOptions } from '../codec/index.ts';
import { nameOfTypeUrl, type AnyMessage, type Messages } from '../tables/index.ts';

/** One resource inside a response, ready to be copied: the field `resources` of the response with its tag. */
export type ResponsePart = Uint8Array;

const RESOURCES_FIELD = 2;
const RESOURCE_WRAPPER = 'envoy.service.discovery.v3.Resource';

function part(message: Uint8Array): ResponsePart {
  const writer = new BinaryWriter();
  writer.raw(RESOURCES_FIELD, message);
  return writer.finish();
}

/** A part of DiscoveryResponse: `value` is the encoded resource of type `typeUrl`. */
export const stateOfTheWorldPart = (typeUrl: string, value: Uint8Array): ResponsePart =>
  part(writeMessage('google.protobuf.Any', { type_url: typeUrl, value }));

/** A part of DeltaDiscoveryResponse, with the resource's name and its own version. */
export const deltaPart = (typeUrl: string, name: string, version: string, value: Uint8Array): ResponsePart =>
  part(writeMessage(RESOURCE_WRAPPER, { name, version, resource: { type_url: typeUrl, value } }));

export interface ResponseHead {
  readonly typeUrl: string;
  readonly versionInfo: string;
  readonly nonce: string;
  /** Shown in the clients' admin pages; '' leaves it out. */
  readonly controlPlane?: string;
}

/** The bytes of a DiscoveryResponse. */
export function assembleDiscoveryResponse(head: ResponseHead, parts: readonly ResponsePart[]): Uint8Array {
  const name = head.controlPlane ?? '';
  return joined([
    writeMessage('envoy.service.discovery.v3.DiscoveryResponse', { version_info: head.versionInfo }),
    ...parts,
    writeMessage('envoy.service.discovery.v3.DiscoveryResponse', {
      type_url: head.typeUrl,
      nonce: head.nonce,
      control_plane: name === '' ? undefined : { identifier: name },
    }),
  ]);
}

/** The bytes of a DeltaDiscoveryResponse; `versionInfo` is its system_version_info, for people only. */
export function assembleDeltaDiscoveryResponse(
  head: ResponseHead,
  parts: readonly ResponsePart[],
  removed: readonly string[],
): Uint8Array {
  const name = head.controlPlane ?? '';
  return joined([
    writeMessage('envoy.service.discovery.v3.DeltaDiscoveryResponse', { system_version_info: head.versionInfo }),
    ...parts,
    writeMessage('envoy.service.discovery.v3.DeltaDiscoveryResponse', {
      type_url: head.typeUrl,
      nonce: head.nonce,
      removed_resources: removed,
      control_plane: name === '' ? undefined : { identifier: name },
    }),
  ]);
}

/** Several parts as one, for sets that many streams share. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of parts) {
    bytes.set(each, at);
    at += each.length;
  }
  return bytes;
}

/** A resource as it came: undecoded. */
export interface ReceivedResource {
  /** '' when the response does not say: state of the world without a wrapper. */
  readonly name: string;
  /** '' in state of the world. */
  readonly version: string;
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

export interface DiscoveryResponse {
  readonly typeUrl: string;
  readonly versionInfo: string;
  readonly nonce: string;
  readonly controlPlane: string;
  readonly resources: readonly ReceivedResource[];
}

export interface DeltaDiscoveryResponse extends DiscoveryResponse {
  readonly removed: readonly string[];
}

const RAW: ReadOptions = { unknown: 'skip', keepAny: true };

const received = (any: AnyMessage | undefined, name = '', version = ''): ReceivedResource => ({
  name,
  version,
  typeUrl: any?.type_url ?? '',
  value: any?.value ?? new Uint8Array(0),
});

export function decodeDiscoveryResponse(bytes: Uint8Array): Result<DiscoveryResponse, readonly Diagnostic[]> {
  const read = readMessage('envoy.service.discovery.v3.DiscoveryResponse', bytes, RAW);
  if (!read.ok) return read;
  const message = read.value;
  const faults: Diagnostic[] = [];
  const resources = (message.resources ?? []).map((any) => {
    if (nameOfTypeUrl(any.type_url) !== RESOURCE_WRAPPER) return received(any);
    const wrapper = readMessage(RESOURCE_WRAPPER, any.value ?? new Uint8Array(0), RAW);
    if (!wrapper.ok) {
      faults.push(...wrapper.error);
      return received(any);
    }
    return received(wrapper.value.resource, wrapper.value.name, wrapper.value.version);
  });
  if (faults.length > 0) return err(faults);
  return ok({
    typeUrl: message.type_url ?? '',
    versionInfo: message.version_info ?? '',
    nonce: message.nonce ?? '',
    controlPlane: message.control_plane?.identifier ?? '',
    resources,
  });
}

export function decodeDeltaDiscoveryResponse(bytes: Uint8Array): Result<DeltaDiscoveryResponse, readonly Diagnostic[]> {
  const read = readMessage('envoy.service.discovery.v3.DeltaDiscoveryResponse', bytes, RAW);
  if (!read.ok) return read;
  const message: Messages['envoy.service.discovery.v3.DeltaDiscoveryResponse'] = read.value;
  return ok({
    typeUrl: message.type_url ?? '',
    versionInfo: message.system_version_info ?? '',
    nonce: message.nonce ?? '',
    controlPlane: message.control_plane?.identifier ?? '',
    resources: (message.resources ?? []).map((each) => received(each.resource, each.name, each.version)),
    removed: [
      ...(message.removed_resources ?? []),
      ...(message.removed_resource_names ?? []).flatMap((each) => (each.name === undefined ? [] : [each.name])),
    ],
  });
}
