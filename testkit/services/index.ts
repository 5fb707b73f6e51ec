/**
 * Services that filters ask, over gRPC on Node's own HTTP/2: external authorization and processing, rate limits, access logs, and collectors of spans. What they answer stands in the question itself, so that
 * a case is whole in its own lines; what they were asked they tell in a header of their answer. Envoy reads and writes the same messages, so
 * that it judges the codec that is used here.
 */
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { LogStream } from './access-log.ts';
import type { ServiceAnswer } from './answer.ts';
import { check } from './authorization.ts';
import { process } from './processing.ts';
import { shouldRateLimit } from './rate-limit.ts';
import { takeExportedLogs, takeLogs } from './otlp-logs.ts';
import { takeExport, takeOtlp, takeZipkin } from './spans.ts';

export { SpanCollector } from './collector.ts';
export type { CollectedSpan } from './spans.ts';

type Method = (message: Uint8Array) => ServiceAnswer;

const METHODS: ReadonlyMap<string, Method> = new Map([
  ['/envoy.service.auth.v3.Authorization/Check', check],
  ['/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit', shouldRateLimit],
  ['/opentelemetry.proto.collector.trace.v1.TraceService/Export', takeExport],
  ['/opentelemetry.proto.collector.logs.v1.LogsService/Export', takeExportedLogs],
]);

export class ServiceServer {
  readonly #server = http2.createServer();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #failed = new Map<string, number>();

  constructor() {
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session)).on('error', () => undefined);
    });
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      this.#serve(stream, String(headers[':path'])).catch(() => stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR));
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(stream: http2.ServerHttp2Stream, path: string): Promise<void> {
    if (path === '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs') {
      const log = new LogStream();
      for await (const slice of stream) log.take(slice as Buffer);
      return;
    }
    if (path === '/envoy.service.ext_proc.v3.ExternalProcessor/Process') {
      await process(stream);
      return;
    }
    const slices: Buffer[] = [];
    for await (const slice of stream) slices.push(slice as Buffer);
    if (path.startsWith('/otlp') || path.startsWith('/zipkin')) {
      const take = path.startsWith('/otlp-logs') ? takeLogs : path.startsWith('/otlp') ? takeOtlp : takeZipkin;
      take(Buffer.concat(slices), new URL(path, 'http://collector').searchParams.get('to') ?? '');
      stream.respond({ ':status': path.startsWith('/otlp') ? 200 : 202 }, { endStream: true });
      return;
    }
    const method = METHODS.get(path);
    const answer = method === undefined ? { status: 12 } : method(Buffer.concat(slices).subarray(5));
    if (answer.delay !== undefined) await pause(answer.delay);
    if (stream.destroyed) return;
    if (answer.failing !== undefined && this.#fails(answer.failing)) {
      if (answer.failing.how === 'reset') stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      else
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '14' },
          { endStream: true },
        );
      return;
    }
    const { message } = answer;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': String(answer.status ?? 0) }));
    if (message === undefined) stream.end();
    else {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(message.length, 1);
      stream.end(Buffer.concat([prefix, message]));
    }
  }

  #fails({ key, count }: NonNullable<ServiceAnswer['failing']>): boolean {
    const failed = this.#failed.get(key) ?? 0;
    this.#failed.set(key, failed + 1);
    return failed < count;
  }
}
