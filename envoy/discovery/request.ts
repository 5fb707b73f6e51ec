/**
 * DiscoveryRequest and DeltaDiscoveryRequest (envoy.service.discovery.v3) between bytes and values. A newer client may send fields that
 * the tables do not know: they are skipped, as a server must.
 */
import { ok, type Diagnostic, type Result } from '@weft/core/kernel';
import { readMessage, writeMessage, type ReadOptions } from '../codec/index.ts';
import type { Messages } from '../tables/index.ts';
import { decodeNode, encodeNode, type NodeClaims } from './node.ts';

/** Why a client refused a response (google.rpc.Status). */
export interface Refusal {
  readonly code: number;
  readonly message: string;
}

export interface DiscoveryRequest {
  readonly typeUrl: string;
  /** Version last accepted; '' before the first. */
  readonly versionInfo: string;
  /** Nonce of the response that this answers; '' on the first request. */
  readonly responseNonce: string;
  /** Empty: wildcard, as long as the stream never named a resource. */
  readonly resourceNames: readonly string[];
  /** Only in the first request of a stream. */
  readonly node: NodeClaims | undefined;
  /** Set on a NACK. */
  readonly error: Refusal | undefined;
}

export interface DeltaDiscoveryRequest {
  readonly typeUrl: string;
  readonly responseNonce: string;
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  /** Name to version of what the client still holds; only in the first request of a type. */
  readonly initialVersions: ReadonlyMap<string, string>;
  readonly node: NodeClaims | undefined;
  readonly error: Refusal | undefined;
}

const LENIENT: ReadOptions = { unknown: 'skip', keepAny: true, maxBytes: 4 * 1024 * 1024 };

const refusalOf = (status: Messages['google.rpc.Status'] | undefined): Refusal | undefined =>
  status === undefined ? undefined : { code: status.code ?? 0, message: status.message ?? '' };

export function decodeDiscoveryRequest(bytes: Uint8Array): Result<DiscoveryRequest, readonly Diagnostic[]> {
  const read = readMessage('envoy.service.discovery.v3.DiscoveryRequest', bytes, LENIENT);
  if (!read.ok) return read;
  const message = read.value;
  return ok({
    typeUrl: message.type_url ?? '',
    versionInfo: message.version_info ?? '',
    responseNonce: message.response_nonce ?? '',
    resourceNames: message.resource_names ?? [],
    node: message.node === undefined ? undefined : decodeNode(message.node),
    error: refusalOf(message.error_detail),
  });
}

export const encodeDiscoveryRequest = (request: DiscoveryRequest): Uint8Array =>
  writeMessage('envoy.service.discovery.v3.DiscoveryRequest', {
    type_url: request.typeUrl,
    version_info: request.versionInfo,
    response_nonce: request.responseNonce,
    resource_names: request.resourceNames,
    node: request.node === undefined ? undefined : encodeNode(request.node),
    error_detail: request.error,
  });

export function decodeDeltaDiscoveryRequest(bytes: Uint8Array): Result<DeltaDiscoveryRequest, readonly Diagnostic[]> {
  const read = readMessage('envoy.service.discovery.v3.DeltaDiscoveryRequest', bytes, LENIENT);
  if (!read.ok) return read;
  const message = read.value;
  return ok({
    typeUrl: message.type_url ?? '',
    responseNonce: message.response_nonce ?? '',
    subscribe: message.resource_names_subscribe ?? [],
    unsubscribe: message.resource_names_unsubscribe ?? [],
    initialVersions: message.initial_resource_versions ?? new Map<string, string>(),
    node: message.node === undefined ? undefined : decodeNode(message.node),
    error: refusalOf(message.error_detail),
  });
}

export const encodeDeltaDiscoveryRequest = (request: DeltaDiscoveryRequest): Uint8Array =>
  writeMessage('envoy.service.discovery.v3.DeltaDiscoveryRequest', {
    type_url: request.typeUrl,
    response_nonce: request.responseNonce,
    resource_names_subscribe: request.subscribe,
    resource_names_unsubscribe: request.unsubscribe,
    initial_resource_versions: request.initialVersions,
    node: request.node === undefined ? undefined : encodeNode(request.node),
    error_detail: request.error,
  });
