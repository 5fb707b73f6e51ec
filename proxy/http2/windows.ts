/** Window sizes from a configuration: Envoy's default of 256 MB would let a peer fill our memory, so they are bounded. */
import type { Http2Options } from '@weft/core/proxy-config';
import type { Http2Settings } from '@weft/wire/http2';

const LEAST = 65_535;
const MAX_STREAM_WINDOW = 1_048_576;
const MAX_CONNECTION_WINDOW = 33_554_432;
const MAX_STREAMS = 1024;

export const windowsOf = (options: Http2Options): Omit<Http2Settings, 'maxHeaderListSize'> => ({
  maxConcurrentStreams: Math.min(options.maxConcurrentStreams || MAX_STREAMS, MAX_STREAMS),
  streamWindow: Math.max(LEAST, Math.min(options.initialStreamWindowSize, MAX_STREAM_WINDOW)),
  connectProtocol: options.allowConnect,
  connectionWindow: Math.max(LEAST, Math.min(options.initialConnectionWindowSize, MAX_CONNECTION_WINDOW)),
});
