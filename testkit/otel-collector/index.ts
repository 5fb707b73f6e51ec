/**
 * A real OpenTelemetry Collector (main.go: its own receiver and the contributed exporter to a file) on the configuration that
 * integrations/opentelemetry-collector shows, with other ports and files. What arrived is read from its file.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../folder/index.ts';
import { freePort } from '../ports/index.ts';
import { TestProcess } from '../process/index.ts';
import { toolPath } from '../tools/index.ts';

const CONFIG = path.resolve(import.meta.dirname, '../../integrations/opentelemetry-collector/config.yaml');

interface Pair {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}
type Pairs = Readonly<Record<string, string>>;

interface Resource {
  readonly attributes?: readonly Pair[];
}

export interface ReceivedSpan {
  readonly resource: Pairs;
  readonly attributes: Pairs;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

export interface ReceivedPoint {
  readonly metric: string;
  readonly kind: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram';
  /** 1: delta, 2: cumulative. */
  readonly temporality: number;
  readonly resource: Pairs;
  readonly attributes: Pairs;
  readonly start: number;
  readonly time: number;
  /** Of a number its value, of a histogram its count. */
  readonly value: number;
  readonly sum: number;
  readonly bucketCounts: readonly number[];
  /** Trace ids of exemplars. */
  readonly exemplars: readonly string[];
}

export interface ReceivedLog {
  readonly resource: Pairs;
  readonly attributes: Pairs;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
}

export interface Received {
  readonly spans: readonly ReceivedSpan[];
  readonly points: readonly ReceivedPoint[];
  readonly logs: readonly ReceivedLog[];
}

export class OtelCollector {
  readonly #folder = temporaryFolder();
  #process: TestProcess | undefined;
  /** PEM of the authority of its certificate, whose names are `localhost` and 127.0.0.1. */
  readonly roots: string;
  grpcPort = 0;
  httpPort = 0;

  constructor() {
    this.roots = readFileSync(certificates(this.#folder.path), 'utf8');
  }

  /** On the same ports as before, where it ran before. What it wrote before is kept. */
  async start(): Promise<void> {
    if (this.grpcPort === 0) [this.grpcPort, this.httpPort] = [await freePort(), await freePort()];
    const config = readFileSync(CONFIG, 'utf8')
      .replace(':4317', `:${this.grpcPort}`)
      .replace(':4318', `:${this.httpPort}`)
      .replaceAll('/etc/otel/', `${this.#folder.path}/`)
      .replace('{ path: /var/lib/otel/telemetry.json }', `{ path: ${this.#file}, append: true }`);
    const file = path.join(this.#folder.path, 'config.yaml');
    writeFileSync(file, config);
    this.#process = new TestProcess(toolPath('otel-collector'), ['--config', file]);
    await this.#process.matching(/Everything is ready/);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    this.#process = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#folder[Symbol.dispose]();
  }

  get output(): string {
    return `${this.#process?.stdout ?? ''}${this.#process?.stderr ?? ''}`;
  }

  /** All that arrived so far. */
  read(): Received {
    const lines = existsSync(this.#file) ? readFileSync(this.#file, 'utf8').split('\n') : [];
    const messages = lines.flatMap((line) => {
      try {
        return [JSON.parse(line) as Message];
      } catch {
        // The last line may be half written.
        return [];
      }
    });
    return {
      spans: messages.flatMap(spansOf),
      points: messages.flatMap(pointsOf),
      logs: messages.flatMap(logsOf),
    };
  }

  get #file(): string {
    return path.join(this.#folder.path, 'telemetry.json');
  }
}

/** What the file exporter writes: OTLP's JSON, a message a line. */
interface Message {
  readonly resourceSpans?: readonly {
    readonly resource?: Resource;
    readonly scopeSpans?: readonly { readonly spans?: readonly WireSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly resource?: Resource;
    readonly scopeMetrics?: readonly { readonly metrics?: readonly WireMetric[] }[];
  }[];
  readonly resourceLogs?: readonly {
    readonly resource?: Resource;
    readonly scopeLogs?: readonly { readonly logRecords?: readonly WireLog[] }[];
  }[];
}

interface WireSpan {
  readonly attributes?: readonly Pair[];
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
}

interface WireLog {
  readonly attributes?: readonly Pair[];
  readonly body?: { readonly stringValue?: string };
  readonly traceId?: string;
  readonly spanId?: string;
}

interface WirePoint {
  readonly attributes?: readonly Pair[];
  readonly startTimeUnixNano?: string;
  readonly timeUnixNano?: string;
  readonly asInt?: string;
  readonly asDouble?: number;
  readonly count?: string;
  readonly sum?: number;
  readonly bucketCounts?: readonly string[];
  readonly positive?: { readonly bucketCounts?: readonly string[] };
  readonly exemplars?: readonly { readonly traceId?: string }[];
}

interface WireData {
  readonly aggregationTemporality?: number;
  readonly dataPoints?: readonly WirePoint[];
}

type WireMetric = { readonly name?: string } & Readonly<Partial<Record<ReceivedPoint['kind'], WireData>>>;

const pairs = (list: readonly Pair[] | undefined): Pairs =>
  Object.fromEntries((list ?? []).map(({ key, value }) => [key, value.stringValue ?? '']));

const spansOf = ({ resourceSpans = [] }: Message): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans = [] }) =>
    scopeSpans
      .flatMap(({ spans = [] }) => spans)
      .map(({ attributes, traceId = '', spanId = '', parentSpanId = '' }) => ({
        resource: pairs(resource?.attributes),
        attributes: pairs(attributes),
        traceId,
        spanId,
        parentSpanId,
      })),
  );

const logsOf = ({ resourceLogs = [] }: Message): ReceivedLog[] =>
  resourceLogs.flatMap(({ resource, scopeLogs = [] }) =>
    scopeLogs
      .flatMap(({ logRecords = [] }) => logRecords)
      .map(({ attributes, body, traceId = '', spanId = '' }) => ({
        resource: pairs(resource?.attributes),
        attributes: pairs(attributes),
        body: body?.stringValue ?? '',
        traceId,
        spanId,
      })),
  );

const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram'] as const;

const pointsOf = ({ resourceMetrics = [] }: Message): ReceivedPoint[] =>
  resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
    scopeMetrics
      .flatMap(({ metrics = [] }) => metrics)
      .flatMap((metric) =>
        KINDS.flatMap((kind) =>
          (metric[kind]?.dataPoints ?? []).map((point) => ({
            metric: metric.name ?? '',
            kind,
            temporality: metric[kind]?.aggregationTemporality ?? 0,
            resource: pairs(resource?.attributes),
            attributes: pairs(point.attributes),
            start: Number(point.startTimeUnixNano ?? 0),
            time: Number(point.timeUnixNano ?? 0),
            value: Number(point.count ?? point.asInt ?? point.asDouble ?? 0),
            sum: point.sum ?? 0,
            exemplars: (point.exemplars ?? []).map(({ traceId = '' }) => traceId),
            bucketCounts: (point.bucketCounts ?? point.positive?.bucketCounts ?? []).map(Number),
          })),
        ),
      ),
  );

/** The path of the authority. */
function certificates(folder: string): string {
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: readonly string[]): void => void execFileSync(toolPath('openssl'), args, { stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-sha256'];
  const roots = at('root.pem');
  openssl('req', '-x509', ...key, '-subj', '/CN=root', '-days', '1', '-keyout', at('root.key'), '-out', roots);
  openssl('req', ...key, '-subj', '/CN=collector', '-keyout', at('collector.key'), '-out', at('collector.csr'));
  writeFileSync(at('leaf.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  const by = ['-CA', roots, '-CAkey', at('root.key'), '-CAcreateserial'];
  const out = ['-days', '1', '-extfile', at('leaf.ext'), '-out', at('collector.pem')];
  openssl('x509', '-req', '-in', at('collector.csr'), ...by, ...out);
  return roots;
}
