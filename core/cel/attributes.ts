/** Envoy's attributes of an exchange that can be asked for here, by what kind of value they are. */

/** `headers`, `struct`: asked by name alone. */
export type AttributeKind = 'string' | 'int' | 'uint' | 'bool' | 'duration' | 'timestamp' | 'headers' | 'struct';

export const ATTRIBUTES = {
  'request.path': 'string',
  'request.url_path': 'string',
  'request.host': 'string',
  'request.scheme': 'string',
  'request.method': 'string',
  'request.headers': 'headers',
  'request.referer': 'string',
  'request.useragent': 'string',
  'request.id': 'string',
  'request.protocol': 'string',
  'request.query': 'string',
  'request.time': 'timestamp',
  'request.duration': 'duration',
  'request.size': 'int',
  'response.code': 'int',
  'response.code_details': 'string',
  'response.grpc_status': 'int',
  'response.headers': 'headers',
  'response.size': 'int',
  'source.address': 'string',
  'source.port': 'int',
  'destination.address': 'string',
  'destination.port': 'int',
  'connection.id': 'uint',
  'connection.mtls': 'bool',
  'connection.requested_server_name': 'string',
  'connection.tls_version': 'string',
  'connection.subject_peer_certificate': 'string',
  'connection.dns_san_peer_certificate': 'string',
  'connection.uri_san_peer_certificate': 'string',
  'connection.uri_san_local_certificate': 'string',
  'connection.sha256_peer_certificate_digest': 'string',
  'connection.termination_details': 'string',
  'upstream.address': 'string',
  'upstream.port': 'int',
  'upstream.local_address': 'string',
  'upstream.transport_failure_reason': 'string',
  'upstream.request_attempt_count': 'uint',
  'upstream.uri_san_peer_certificate': 'string',
  'xds.cluster_name': 'string',
  'xds.route_name': 'string',
  'xds.filter_chain_name': 'string',
  'metadata.filter_metadata': 'struct',
} as const satisfies Readonly<Record<string, AttributeKind>>;

export type AttributeName = keyof typeof ATTRIBUTES;

export const attributeName = (name: string): AttributeName | undefined =>
  Object.hasOwn(ATTRIBUTES, name) ? (name as AttributeName) : undefined;
