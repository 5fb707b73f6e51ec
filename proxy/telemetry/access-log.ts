/** Access logs of one engine: formats compiled once, files shared by path, streams to services by their configuration. */
import { createRequire } from 'node:module';
import type { MonotonicClock } from '@weft/core/kernel';
import {
  type AccessLog,
  type GrpcLogSink,
  type LogFormat,
  NO_RUNTIME,
  type OtlpLogSink,
} from '@weft/core/proxy-config';
import type { AccessLogger, ExchangeRecord, LiveValues } from '../ports.ts';
import type { GrpcLog, GrpcLogParts } from './grpc-log.ts';
import type { OtlpLog, OtlpLogParts } from './otlp-log.ts';
import { compileFormat, DEFAULT_FORMAT, renderPlain } from './format.ts';
import { LineBuffer } from './line-buffer.ts';
import { compileWriter } from './line-format.ts';
import { compileLogFilter } from './log-filter.ts';
import { LogFile } from './log-file.ts';

const require = createRequire(import.meta.url);
/** Loaded with the first log that goes to a service. */
const grpcLog = () => require('./grpc-log.ts') as typeof import('./grpc-log.ts');

const otlpLog = () => require('./otlp-log.ts') as typeof import('./otlp-log.ts');

type ServiceSink = GrpcLogSink | OtlpLogSink;
type FileSink = Exclude<AccessLog['sink'], ServiceSink>;

/** What logs that go to services are made of; each asked when one is made, and it throws where there is none. */
export interface LogParts {
  readonly grpc: () => GrpcLogParts;
  readonly otlp: (sink: OtlpLogSink) => OtlpLogParts;
}

export class AccessLogs {
  /** What keys of the runtime say now; the engine's own. */
  values: LiveValues = { current: NO_RUNTIME };
  readonly #clock: MonotonicClock;
  readonly #files = new Map<string, LogFile>();
  /** By files that were closed. */
  #droppedBefore = 0;
  /** By what they are configured as. */
  readonly #services = new Map<string, GrpcLog | OtlpLog>();
  readonly #parts: LogParts;

  constructor(clock: MonotonicClock, parts: LogParts) {
    this.#clock = clock;
    this.#parts = parts;
  }

  /** Throws when a format has an unknown operator or a filter a bad expression, or a service cannot be called. */
  logger(conf: AccessLog): AccessLogger {
    const { sink } = conf;
    const log = sink.kind === 'grpc' || sink.kind === 'otlp' ? this.#toService(sink) : this.#toFile(sink, conf.format);
    if (conf.filter === undefined) return { log };
    const wanted = compileLogFilter(conf.filter, Math.random, () => this.values.current);
    return {
      log: (record) => {
        if (wanted(record)) log(record);
      },
    };
  }

  #toFile(sink: FileSink, format: LogFormat): AccessLogger['log'] {
    const write = compileWriter(format);
    const key = sink.kind === 'file' ? `file ${sink.path}` : sink.kind;
    return (record) => (this.#files.get(key) ?? this.#open(key, sink)).write(write, record);
  }

  #toService(sink: ServiceSink): AccessLogger['log'] {
    const key = JSON.stringify(sink);
    const found = this.#services.get(key) ?? this.#make(sink);
    this.#services.set(key, found);
    return (record) => found.log(record);
  }

  #make(sink: ServiceSink): GrpcLog | OtlpLog {
    return sink.kind === 'grpc'
      ? new (grpcLog().GrpcLog)(sink, this.#parts.grpc())
      : new (otlpLog().OtlpLog)(sink, this.#parts.otlp(sink));
  }

  /** Envoy's `/reopen_logs`: for rotation by renaming. */
  reopen(): void {
    for (const file of this.#files.values()) {
      file.stop();
      this.#droppedBefore += file.dropped;
    }
    this.#files.clear();
  }

  get dropped(): number {
    let count = this.#droppedBefore;
    for (const file of this.#files.values()) count += file.dropped;
    return count;
  }

  flush(): void {
    for (const log of [...this.#files.values(), ...this.#services.values()]) log.flush();
  }

  stop(): void {
    for (const log of [...this.#files.values(), ...this.#services.values()]) log.stop();
  }

  #open(key: string, sink: FileSink): LogFile {
    const file = new LogFile(sink, this.#clock);
    this.#files.set(key, file);
    return file;
  }
}

/** As a line of a log, but that a text is not escaped and what it has nothing to say about is `-`. */
export function compileText(format: LogFormat): Write {
  if (format.kind === 'json') return compileLine(format);
  const pieces = compileFormat(format.kind === 'default' ? DEFAULT_FORMAT : format.text);
  return (record) => renderPlain(pieces, record, '-');
}

type Write = (record: ExchangeRecord) => string;

/** A log's line as text. */
export function compileLine(format: LogFormat): Write {
  const write = compileWriter(format);
  return (record) => {
    const out = new LineBuffer();
    write(record, out);
    return out.take().toString();
  };
}
