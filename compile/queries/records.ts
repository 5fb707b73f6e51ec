/**
 * What an engine that does not count edges itself logs to its agent, which counts them: every HTTP exchange and TCP connection of every listener
 * (Envoy's gRPC access log). Our engine counts by itself and logs nothing.
 */
import { AGENT_CLUSTER, DESTINATION_LOG, SOURCE_LOG } from '@weft/core/agent-api';
import type { AccessLog, AccessLogFilter, FilterChain, GrpcLogSink, Listener, TcpProxy } from '@weft/core/proxy-config';
import { LOGGED_HEADERS } from '@weft/core/tap';

/** ms and octets that entries wait for each other: as Envoy's own defaults, but that a view that is watched is not a second late. */
const FLUSH_INTERVAL = 250;
const BUFFER_BYTES = 64 * 1024;

/** A listener's logged form, while the listener lives. */
const logged = { source: new WeakMap<Listener, Listener>(), destination: new WeakMap<Listener, Listener>() };

/** `gateway`: what arrives is the proxy's own call to a service. Listeners that are equal objects stay so. */
export const loggedToAgent = (
  listeners: ReadonlyMap<string, Listener>,
  gateway: boolean,
): ReadonlyMap<string, Listener> =>
  new Map(
    [...listeners].map(([name, listener]) => [
      name,
      loggedListener(listener, gateway || listener.direction === 'outbound' ? 'source' : 'destination'),
    ]),
  );

function loggedListener(listener: Listener, side: 'source' | 'destination'): Listener {
  const known = logged[side].get(listener);
  if (known !== undefined) return known;
  const logName = side === 'source' ? SOURCE_LOG : DESTINATION_LOG;
  const made = {
    ...listener,
    filterChains: listener.filterChains.map((chain) => loggedChain(chain, logName)),
    defaultFilterChain:
      listener.defaultFilterChain === undefined ? undefined : loggedChain(listener.defaultFilterChain, logName),
  };
  logged[side].set(listener, made);
  return made;
}

function loggedChain(chain: FilterChain, logName: string): FilterChain {
  const { terminal } = chain;
  if (terminal.kind === 'tcp-proxy') {
    const { proxy } = terminal;
    const accessLogs = [...proxy.accessLogs.map(atTheEnd), agentLog('tcp', logName)];
    return { ...chain, terminal: { ...terminal, proxy: { ...proxy, accessLogs, earlyRecords: EARLY } } };
  }
  const { manager } = terminal;
  return {
    ...chain,
    terminal: { ...terminal, manager: { ...manager, accessLogs: [...manager.accessLogs, agentLog('http', logName)] } },
  };
}

/** So that a connection is seen while it is open. */
const EARLY: TcpProxy['earlyRecords'] = { interval: 15_000, connected: true };

/** Logs of users have one line a connection. */
function atTheEnd(log: AccessLog): AccessLog {
  const ended: AccessLogFilter = { kind: 'log-type', types: ['TcpUpstreamConnected', 'TcpPeriodic'], exclude: true };
  const { filter } = log;
  return { ...log, filter: filter === undefined ? ended : { kind: 'and', filters: [ended, filter] } };
}

const agentLog = (entries: GrpcLogSink['entries'], logName: string): AccessLog => ({
  sink: {
    kind: 'grpc',
    entries,
    service: {
      cluster: AGENT_CLUSTER,
      authority: '',
      timeout: undefined,
      initialMetadata: [],
      maxReceiveMessageLength: 0,
    },
    logName,
    flushInterval: FLUSH_INTERVAL,
    bufferBytes: BUFFER_BYTES,
    requestHeaders: entries === 'http' ? LOGGED_HEADERS : [],
    responseHeaders: entries === 'http' ? ['content-type', 'grpc-status'] : [],
    responseTrailers: entries === 'http' ? ['grpc-status'] : [],
  },
  format: { kind: 'default' },
  filter: undefined,
});
