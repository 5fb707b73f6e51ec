/**
 * A collector of OTLP as the control plane calls it: MetricsService/Export over gRPC, or a POST of the same message. One message at a time is the
 * caller's business; each ends within `TIMEOUT`. Headers hold secrets: they are never logged.
 */
import http from 'node:http';
import https from 'node:https';
import { getCACertificates, rootCertificates } from 'node:tls';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { CollectorRow } from '@weft/core/mesh-view';

/** ms for one message. */
const TIMEOUT = 10_000;
const MAX_ANSWER = 64 << 10;
const EXPORT = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';

export type Headers = readonly (readonly [name: string, value: string])[];

export interface OtlpCollector {
  /** Resolves to the answer's octets, or to why the message was not taken; never rejects. */
  send(message: Uint8Array): Promise<{ readonly answer: Uint8Array } | { readonly error: string }>;
  close(): void;
}

export const collectorClient = (row: CollectorRow, protocol: 'grpc' | 'http', headers: Headers): OtlpCollector =>
  protocol === 'grpc' ? overGrpc(row, headers) : overHttp(row, headers);

/** PEM; read when it is first needed, since it is some hundred certificates. */
const rootsOf = ({ roots }: CollectorRow): string => {
  if (roots !== '') return roots;
  const system = getCACertificates('system');
  return (system.length > 0 ? system : rootCertificates).join('\n');
};

const hostOf = ({ host }: CollectorRow): string => (host.includes(':') ? `[${host}]` : host);

const raw = (message: Uint8Array): Buffer => Buffer.from(message.buffer, message.byteOffset, message.byteLength);
const same = (message: Buffer): Buffer => message;

function overGrpc(row: CollectorRow, headers: Headers): OtlpCollector {
  const client = new Client(
    `${row.isName ? 'dns:' : ''}${hostOf(row)}:${row.port}`,
    row.secure ? credentials.createSsl(Buffer.from(rootsOf(row))) : credentials.createInsecure(),
    {
      'grpc.max_receive_message_length': MAX_ANSWER,
      'grpc.enable_http_proxy': 0,
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.initial_reconnect_backoff_ms': 500,
      'grpc.max_reconnect_backoff_ms': 5000,
    },
  );
  const metadata = new Metadata();
  for (const [name, value] of headers) metadata.set(name, value);
  return {
    send: (message) =>
      new Promise((resolve) => {
        client.makeUnaryRequest(
          EXPORT,
          raw,
          same,
          message,
          metadata,
          { deadline: Date.now() + TIMEOUT },
          (error, answer) =>
            resolve(error === null ? { answer: answer ?? new Uint8Array(0) } : { error: error.details }),
        );
      }),
    close: () => client.close(),
  };
}

function overHttp(row: CollectorRow, headers: Headers): OtlpCollector {
  const agent = row.secure
    ? new https.Agent({ keepAlive: true, maxSockets: 1, ca: rootsOf(row) })
    : new http.Agent({ keepAlive: true, maxSockets: 1 });
  const options = {
    agent,
    host: row.host,
    port: row.port,
    path: row.path === '' ? '/v1/metrics' : row.path,
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', ...Object.fromEntries(headers) },
  };
  return {
    send: (message) =>
      new Promise((resolve) => {
        const slices: Buffer[] = [];
        let length = 0;
        const request = (row.secure ? https : http).request(
          { ...options, signal: AbortSignal.timeout(TIMEOUT) },
          (response) => {
            response.on('data', (slice: Buffer) => {
              length += slice.length;
              if (length > MAX_ANSWER) request.destroy(new Error(`an answer of more than ${MAX_ANSWER} bytes`));
              else slices.push(slice);
            });
            response.on('end', () => {
              const { statusCode = 0 } = response;
              resolve(
                statusCode >= 200 && statusCode < 300
                  ? { answer: Buffer.concat(slices) }
                  : { error: `the collector answered ${statusCode}` },
              );
            });
            response.on('error', (error) => resolve({ error: error.message }));
          },
        );
        request.on('error', (error) => resolve({ error: error.message }));
        request.end(message);
      }),
    close: () => agent.destroy(),
  };
}
