/** A collector of spans that keeps them: OTLP over gRPC on one port, OTLP over HTTP (/v1/traces) and Zipkin's API (/api/v2/spans) on another. */
import http from 'node:http';
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { type CollectedSpan, otlpSpans, zipkinSpans } from './spans.ts';

export class SpanCollector {
  readonly spans: CollectedSpan[] = [];
  readonly #grpc = http2.createServer();
  readonly #http = http.createServer();
  readonly #sessions = new Set<http2.ServerHttp2Session>();

  async start(): Promise<void> {
    this.#grpc.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session)).on('error', () => undefined);
    });
    this.#grpc.on('stream', (stream) => {
      stream.on('error', () => undefined);
      void whole(stream).then((octets) => {
        this.spans.push(...otlpSpans(octets.subarray(5)));
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end(Buffer.alloc(5));
      });
    });
    this.#http.on('request', (request, response) => {
      void whole(request).then((octets) => {
        const zipkin = request.url === '/api/v2/spans';
        if (zipkin) this.spans.push(...zipkinSpans(octets));
        else if (request.url === '/v1/traces') this.spans.push(...otlpSpans(octets));
        response.statusCode = zipkin ? 202 : request.url === '/v1/traces' ? 200 : 404;
        response.end();
      });
    });
    for (const server of [this.#grpc, this.#http])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  get grpcPort(): number {
    return (this.#grpc.address() as AddressInfo).port;
  }

  get httpPort(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    this.#http.closeAllConnections();
    await Promise.all([this.#grpc, this.#http].map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

async function whole(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const slices: Buffer[] = [];
  for await (const slice of stream) slices.push(slice as Buffer);
  return Buffer.concat(slices);
}
