/** envoy.config.core.v3.GrpcService and HttpUri: services that the engine calls, by the cluster they stand behind. */
import type { GrpcService, HttpService } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from './cursor.ts';
import { fromMilliseconds, takeDuration } from './duration.ts';
import { some } from './encoding.ts';
import { decodeCallRetries, encodeCallRetries } from './call-retries.ts';

type WireGrpc = Messages['envoy.config.core.v3.GrpcService'];
type WireHttp = Messages['envoy.config.core.v3.HttpUri'];
type WireHeader = Messages['envoy.config.core.v3.HeaderValue'];

/** A pair of a name, in lower case, and its value. */
export const decodeHeaderPair = (cursor: Cursor<WireHeader>): readonly [string, string] => [
  (cursor.take('key') ?? '').toLowerCase(),
  cursor.take('value') ?? '',
];

export const encodeHeaderPair = ([key, value]: readonly [string, string]): WireHeader => ({ key, value });

/** Only Envoy's own client: google_grpc is another one. */
export function decodeGrpcService(cursor: Cursor<WireGrpc>): GrpcService {
  const own = cursor.within('envoy_grpc', (grpc) => ({
    cluster: grpc.take('cluster_name') ?? '',
    authority: grpc.take('authority') ?? '',
    maxReceiveMessageLength: grpc.take('max_receive_message_length') ?? 0,
  }));
  if (own === undefined)
    cursor.refuse('missing-field', 'a service of gRPC is called by envoy_grpc here', 'name its cluster in envoy_grpc');
  return {
    cluster: own?.cluster ?? '',
    authority: own?.authority ?? '',
    timeout: cursor.has('timeout') ? takeDuration(cursor, 'timeout', 0) : undefined,
    initialMetadata: cursor.each('initial_metadata', decodeHeaderPair),
    maxReceiveMessageLength: own?.maxReceiveMessageLength ?? 0,
  };
}

/** Of calls of one message for one, which may be tried again. */
export function decodeUnaryService(cursor: Cursor<WireGrpc>): GrpcService {
  const retries = cursor.within('retry_policy', decodeCallRetries);
  const service = decodeGrpcService(cursor);
  return retries === undefined ? service : { ...service, retries };
}

export const encodeGrpcService = (service: GrpcService): WireGrpc => ({
  envoy_grpc: {
    cluster_name: service.cluster,
    authority: service.authority || undefined,
    max_receive_message_length: service.maxReceiveMessageLength || undefined,
  },
  timeout: service.timeout === undefined ? undefined : fromMilliseconds(service.timeout),
  initial_metadata: some(service.initialMetadata.map(encodeHeaderPair)),
  retry_policy: service.retries === undefined ? undefined : encodeCallRetries(service.retries),
});

export const decodeHttpService = (cursor: Cursor<WireHttp>): HttpService => ({
  uri: cursor.take('uri') ?? '',
  cluster: cursor.take('cluster') ?? '',
  timeout: takeDuration(cursor, 'timeout', 0),
});

export const encodeHttpService = (service: HttpService): WireHttp => ({
  uri: service.uri,
  cluster: service.cluster,
  timeout: fromMilliseconds(service.timeout),
});
