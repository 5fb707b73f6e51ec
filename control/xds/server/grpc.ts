/** The aggregated discovery service (envoy.service.discovery.v3.AggregatedDiscoveryService) on the control plane's gRPC front. */
import { ADS_DELTA, ADS_STREAM } from '@weft/envoy/discovery';
import type { GrpcMethod, ServerStream } from '../../server/index.ts';
import type { Protocol } from '../subscription/index.ts';
import type { XdsServer } from './xds-server.ts';

const method = (server: XdsServer, path: string, protocol: Protocol): GrpcMethod => ({
  kind: 'stream',
  path,
  handle: (stream: ServerStream) => {
    const xds = server.open({
      peer: stream.peer,
      protocol,
      send: (bytes, flushed) => void stream.write(bytes, flushed),
      close: (code, message) => stream.end({ code, message }),
    });
    stream.onMessage((message) => xds.receive(message));
    stream.onEnd(() => xds.closed());
  },
});

/** To be listed among the gRPC methods of a ControlServer. */
export const adsMethods = (server: XdsServer): readonly GrpcMethod[] => [
  method(server, ADS_STREAM, 'state-of-the-world'),
  method(server, ADS_DELTA, 'delta'),
];
