/** HTTP/1 and HTTP/2 protocol options (envoy.config.core.v3), downstream and upstream. Standards: Envoy 1.40's, its HTTP/2 ones as seen on its wire. */
import type { Http1Options, Http2Options } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { filled, unless } from '../base/encoding.ts';

type WireHttp1 = Messages['envoy.config.core.v3.Http1ProtocolOptions'];
type WireHttp2 = Messages['envoy.config.core.v3.Http2ProtocolOptions'];

export const HTTP1_OPTIONS: Http1Options = {
  acceptHttp10: false,
  defaultHostForHttp10: '',
  enableTrailers: false,
  allowAbsoluteUrl: true,
};

export const HTTP2_OPTIONS: Http2Options = {
  maxConcurrentStreams: 1024,
  initialStreamWindowSize: 16 * 1024 * 1024,
  initialConnectionWindowSize: 24 * 1024 * 1024,
  allowConnect: false,
};

export const decodeHttp1 = (cursor: Cursor<WireHttp1>): Http1Options => ({
  acceptHttp10: cursor.take('accept_http_10') ?? HTTP1_OPTIONS.acceptHttp10,
  defaultHostForHttp10: cursor.take('default_host_for_http_10') ?? HTTP1_OPTIONS.defaultHostForHttp10,
  enableTrailers: cursor.take('enable_trailers') ?? HTTP1_OPTIONS.enableTrailers,
  allowAbsoluteUrl: cursor.take('allow_absolute_url') ?? HTTP1_OPTIONS.allowAbsoluteUrl,
});

export const encodeHttp1 = (options: Http1Options): WireHttp1 | undefined =>
  filled({
    accept_http_10: options.acceptHttp10 ? true : undefined,
    default_host_for_http_10: options.defaultHostForHttp10 || undefined,
    enable_trailers: options.enableTrailers ? true : undefined,
    allow_absolute_url: unless(options.allowAbsoluteUrl, HTTP1_OPTIONS.allowAbsoluteUrl),
  });

export const decodeHttp2 = (cursor: Cursor<WireHttp2>): Http2Options => ({
  maxConcurrentStreams: cursor.take('max_concurrent_streams') ?? HTTP2_OPTIONS.maxConcurrentStreams,
  initialStreamWindowSize: cursor.take('initial_stream_window_size') ?? HTTP2_OPTIONS.initialStreamWindowSize,
  initialConnectionWindowSize:
    cursor.take('initial_connection_window_size') ?? HTTP2_OPTIONS.initialConnectionWindowSize,
  allowConnect: cursor.take('allow_connect') ?? HTTP2_OPTIONS.allowConnect,
});

export const encodeHttp2 = (options: Http2Options): WireHttp2 => ({
  max_concurrent_streams: unless(options.maxConcurrentStreams, HTTP2_OPTIONS.maxConcurrentStreams),
  initial_stream_window_size: unless(options.initialStreamWindowSize, HTTP2_OPTIONS.initialStreamWindowSize),
  initial_connection_window_size: unless(
    options.initialConnectionWindowSize,
    HTTP2_OPTIONS.initialConnectionWindowSize,
  ),
  allow_connect: options.allowConnect ? true : undefined,
});
