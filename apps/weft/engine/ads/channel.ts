/**
 * gRPC streams to a cluster of the bootstrap, as envoy_grpc asks for them: the control plane of `weft proxy -c FILE`. Bytes in and out; the
 * certificates are files, read at each connection attempt of a stream. Nothing of the engine's own path is used, so that a configuration cannot
 * break the way by which the next one comes.
 */
import { readFileSync } from 'node:fs';
import type { PeerCertificate } from 'node:tls';
import { type ChannelCredentials, type ChannelOptions, Client, credentials } from '@grpc/grpc-js';
import { compileString } from '@weft/core/decide';
import type { Cluster, Endpoint, UpstreamTransport } from '@weft/core/proxy-config';

export interface XdsStream {
  /** Ignored after the end. */
  send(message: Uint8Array): void;
  /** Idempotent; `onEnd` is not called any more. */
  close(): void;
}

export interface XdsStreamHandlers {
  onMessage(message: Uint8Array): void;
  /** Called once when the other side or the network ends the stream. */
  onEnd(reason: string): void;
}

const raw = (message: Buffer): Buffer => message;

const MAX_MESSAGE = 128 * 1024 * 1024;

/** Opens one stream on a connection of its own. Throws when the cluster has no endpoint or a file cannot be read. */
export function openXdsStream(
  cluster: Cluster,
  authority: string,
  path: string,
  { onMessage, onEnd }: XdsStreamHandlers,
): XdsStream {
  const client = new Client(target(cluster), credentialsOf(cluster.transport), options(cluster, authority));
  const call = client.makeBidiStreamRequest(path, raw, raw, { deadline: Number.POSITIVE_INFINITY });
  let over = false;
  const end = (reason: string): void => {
    if (over) return;
    over = true;
    client.close();
    onEnd(reason);
  };
  call.on('data', (message: Buffer) => {
    if (!over) onMessage(message);
  });
  call.on('error', (error: Error) => end(error.message));
  call.on('end', () => end('the control plane ended the stream'));
  return {
    send(message) {
      if (!over) call.write(Buffer.from(message.buffer, message.byteOffset, message.byteLength));
    },
    close() {
      if (over) return;
      over = true;
      call.cancel();
      client.close();
    },
  };
}

/** A gRPC name of the cluster's endpoints (gRPC naming: ipv4, ipv6, unix, dns). */
function target(cluster: Cluster): string {
  const { discovery } = cluster;
  const endpoints =
    'endpoints' in discovery ? discovery.endpoints.localities.flatMap((locality) => locality.endpoints) : [];
  const [first] = endpoints;
  if (first === undefined) throw new Error(`cluster ${cluster.name} has no endpoint`);
  const { address } = first;
  if (address.kind === 'pipe') return `unix:${address.path}`;
  if (address.kind === 'name') return `dns:///${address.name}:${address.port}`;
  if (address.kind === 'internal') throw new Error(`cluster ${cluster.name}: discovery does not go through listeners`);
  const family = address.ip.includes(':') ? 'ipv6' : 'ipv4';
  const hosts = endpoints.flatMap(({ address: one }: Endpoint) =>
    one.kind === 'ip' && one.ip.includes(':') === (family === 'ipv6')
      ? [family === 'ipv6' ? `[${one.ip}]:${one.port}` : `${one.ip}:${one.port}`]
      : [],
  );
  return `${family}:${hosts.join(',')}`;
}

function options(cluster: Cluster, authority: string): ChannelOptions {
  const { transport } = cluster;
  return {
    'grpc.default_authority': authority === '' ? cluster.name : authority,
    'grpc.max_receive_message_length': MAX_MESSAGE,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    ...(transport.kind === 'tls' && transport.sni !== '' ? { 'grpc.ssl_target_name_override': transport.sni } : {}),
  };
}

function credentialsOf(transport: UpstreamTransport): ChannelCredentials {
  if (transport.kind === 'plaintext') return credentials.createInsecure();
  const [own] = transport.certificates;
  const { validation } = transport;
  if (own?.kind === 'sds' || validation?.trust.kind === 'sds')
    throw new Error('the cluster of the control plane takes its certificates from files, not by SDS');
  if (validation === undefined) throw new Error('the cluster of the control plane has TLS without trusted_ca');
  if (validation.pins !== undefined || validation.crl !== undefined)
    throw new Error('the cluster of the control plane takes no pinned certificates and no list of revoked ones');
  const tests = validation.subjectAltNames.map(
    ({ sanType, matcher }) =>
      [
        sanType,
        compileString(matcher, (fault) => {
          throw new Error(fault);
        }),
      ] as const,
  );
  return credentials.createSsl(
    validation.trust.kind === 'file' ? readFileSync(validation.trust.path) : Buffer.from(validation.trust.pem),
    own === undefined ? null : readFileSync(own.privateKey),
    own === undefined ? null : readFileSync(own.certificateChain),
    {
      // Envoy compares the names that the configuration wants, and no host name.
      checkServerIdentity(_, certificate: PeerCertificate) {
        const names = namesOf(certificate);
        if (tests.length === 0 || tests.some(([kind, test]) => names[kind].some(test))) return undefined;
        return new Error(
          `the control plane's certificate has none of the wanted names: ${certificate.subjectaltname ?? ''}`,
        );
      },
    },
  );
}

/** Node's text of subject alternative names; a name with a comma is quoted there and matches nothing here. */
function namesOf({ subjectaltname = '' }: PeerCertificate): Readonly<Record<'uri' | 'dns' | 'email' | 'ip', string[]>> {
  const of = (prefix: string): string[] =>
    subjectaltname.split(', ').flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  return { uri: of('URI:'), dns: of('DNS:'), email: of('email:'), ip: of('IP Address:') };
}
