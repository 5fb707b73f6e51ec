/**
 * Values of added headers with Envoy's command operators (`%REQ(name)%`, `%PROTOCOL%`, ...), compiled once. An operator that is not
 * known is a fault of the configuration, never text on the wire.
 */
import type { DownstreamConnection, SocketEnd } from '../ports.ts';

/** What operators may ask of an exchange. */
export interface FormatSource {
  readonly downstream: DownstreamConnection;
  readonly protocol: string;
  readonly startWall: number;
  readonly clusterName: string;
  readonly routeName: string;
  readonly upstreamAddress: string;
  readonly status: number;
  requestHeader(name: string): string | undefined;
  responseHeader(name: string): string | undefined;
}

type Part = (source: FormatSource) => string | undefined;

/** Undefined when every operator in it was empty: then Envoy adds no header unless empty values are kept. */
export type ValueFormat = (source: FormatSource) => string;

const FIXED: Readonly<Record<string, Part>> = {
  PROTOCOL: (source) => source.protocol,
  DOWNSTREAM_REMOTE_ADDRESS: ({ downstream }) => text(downstream.remote),
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: ({ downstream }) => downstream.remote.ip,
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: ({ downstream }) => text(downstream.directRemote ?? downstream.remote),
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: ({ downstream }) => (downstream.directRemote ?? downstream.remote).ip,
  DOWNSTREAM_LOCAL_ADDRESS: ({ downstream }) => text(downstream.local),
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: ({ downstream }) => downstream.local.ip,
  DOWNSTREAM_LOCAL_PORT: ({ downstream }) => String(downstream.local.port),
  DOWNSTREAM_PEER_URI_SAN: ({ downstream }) => downstream.peer?.uriSans.join(','),
  DOWNSTREAM_PEER_SUBJECT: ({ downstream }) => downstream.peer?.subject,
  DOWNSTREAM_TLS_VERSION: ({ downstream }) => downstream.peer?.tlsVersion,
  DOWNSTREAM_TLS_CIPHER: ({ downstream }) => downstream.peer?.cipher,
  REQUESTED_SERVER_NAME: ({ downstream }) => downstream.serverName,
  CONNECTION_ID: ({ downstream }) => String(downstream.id),
  START_TIME: ({ startWall }) => new Date(startWall).toISOString(),
  UPSTREAM_CLUSTER: (source) => source.clusterName,
  UPSTREAM_HOST: (source) => source.upstreamAddress,
  UPSTREAM_REMOTE_ADDRESS: (source) => source.upstreamAddress,
  ROUTE_NAME: (source) => source.routeName,
  RESPONSE_CODE: (source) => (source.status === 0 ? undefined : String(source.status)),
};

const text = ({ ip, port }: SocketEnd): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);

/** The format, or the fault as text. */
export function compileValueFormat(text: string): { readonly format: ValueFormat } | { readonly fault: string } {
  if (!text.includes('%')) return { format: () => text };
  const parts: (string | Part)[] = [];
  let at = 0;
  while (at < text.length) {
    const percent = text.indexOf('%', at);
    if (percent < 0) {
      parts.push(text.slice(at));
      break;
    }
    if (percent > at) parts.push(text.slice(at, percent));
    if (text[percent + 1] === '%') {
      parts.push('%');
      at = percent + 2;
      continue;
    }
    const end = text.indexOf('%', percent + 1);
    if (end < 0) return { fault: `unterminated command operator in ${JSON.stringify(text)}` };
    const part = operator(text.slice(percent + 1, end));
    if (part === undefined)
      return { fault: `unknown command operator ${JSON.stringify(text.slice(percent, end + 1))}` };
    parts.push(part);
    at = end + 1;
  }
  return {
    format: (source) => {
      let made = '';
      for (const part of parts) made += typeof part === 'string' ? part : (part(source) ?? '');
      return made;
    },
  };
}

/** `NAME` or `REQ(first?second):length`. */
function operator(text: string): Part | undefined {
  const call = /^(REQ|RESP)\(([^)]+)\)(?::(\d{1,5}))?$/.exec(text);
  if (call === null) return Object.hasOwn(FIXED, text) ? FIXED[text] : undefined;
  const names = (call[2] ?? '').toLowerCase().split('?');
  const isRequest = call[1] === 'REQ';
  const limit = call[3] === undefined ? Number.POSITIVE_INFINITY : Number(call[3]);
  return (source) => {
    for (const name of names) {
      const value = isRequest ? source.requestHeader(name) : source.responseHeader(name);
      if (value !== undefined) return value.slice(0, limit);
    }
    return undefined;
  };
}
