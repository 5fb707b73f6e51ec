/**
 * How long a request may take by its route, and for gRPC by its grpc-timeout as far as the route lets it (envoy.config.route.v3.RouteAction:
 * max_stream_duration from the head's arrival, timeout or max_grpc_timeout from the request's end). What holds is told upstream in grpc-timeout.
 */
import type { ForwardAction, GrpcTimeout, StreamDuration } from '@weft/core/proxy-config';
import type { Exchange } from './exchange.ts';
import { grpcTimeout, grpcTimeoutText } from './grpc.ts';

/** Sets the exchange's time-out and, where the route has a word in it, the longest duration of its stream. */
export function applyDeadline(exchange: Exchange, action: ForwardAction): void {
  const { streamDuration } = action;
  if (streamDuration !== undefined) {
    exchange.timeout = 0;
    limitStream(exchange, streamDuration);
  } else if (exchange.grpc && action.grpcTimeout !== undefined)
    exchange.timeout = limited(exchange, action.grpcTimeout);
  else exchange.timeout = action.timeout;
}

function limitStream(exchange: Exchange, { duration, grpcHeaderMax, grpcHeaderOffset }: StreamDuration): void {
  const { edit } = exchange.head;
  const asked = grpcHeaderMax === undefined ? undefined : grpcTimeout(edit.get('grpc-timeout'));
  let limit = duration ?? exchange.context.manager.timeouts.maxStreamDuration;
  if (asked === undefined || grpcHeaderMax === undefined) {
    if (limit === 0) {
      if (duration === 0) exchange.connection.limitDuration(0);
      return;
    }
  } else {
    limit = grpcHeaderMax > 0 ? Math.min(asked, grpcHeaderMax) : asked;
    limit = limit > grpcHeaderOffset ? limit - grpcHeaderOffset : 0;
  }
  if (exchange.grpc) edit.set('grpc-timeout', grpcTimeoutText(limit));
  // No time left is not "no limit".
  exchange.connection.limitDuration(Math.max(1, limit));
}

function limited({ head }: Exchange, { max, offset }: GrpcTimeout): number {
  let limit = grpcTimeout(head.edit.get('grpc-timeout')) ?? 0;
  if (offset < limit) limit -= offset;
  return max > 0 && (limit === 0 || limit > max) ? max : limit;
}
