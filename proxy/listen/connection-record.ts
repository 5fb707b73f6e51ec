/** A connection as access logs of its listener have it, and those of its TCP proxy where that never got it. */
import type { DownstreamConnection, ExchangeRecord } from '../ports.ts';

/** At its end: `details` says why it was refused, '' if it was not; octets are those of the socket. */
export const connectionRecord = (
  downstream: DownstreamConnection,
  startWall: number,
  duration: number,
  details: string,
): ExchangeRecord => ({
  kind: 'tcp',
  downstream,
  startWall,
  duration,
  requestTxDuration: -1,
  requestDuration: -1,
  responseDuration: -1,
  responseTxDuration: -1,
  status: 0,
  flags: 0,
  details,
  bytesReceived: details === '' ? downstream.socket.bytesRead : 0,
  bytesSent: details === '' ? downstream.socket.bytesWritten : 0,
  protocol: '',
  grpcStatus: -1,
  method: '',
  path: '',
  authority: '',
  routeName: '',
  source: '',
  clusterName: '',
  endpoint: undefined,
  upstream: undefined,
  attempts: 0,
  metadata: downstream.metadata,
  requestHeader: () => undefined,
  responseHeader: () => undefined,
});
