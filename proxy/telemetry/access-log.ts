/** Access logs of one engine: formats compiled once, files shared by path. */
import type { MonotonicClock } from '@weft/core/kernel';
import type { AccessLog, LogFormat } from '@weft/core/proxy-config';
import type { AccessLogger, ExchangeRecord } from '../ports.ts';
import { compileFormat, DEFAULT_FORMAT, renderPlain } from './format.ts';
import { LineBuffer } from './line-buffer.ts';
import { compileWriter } from './line-format.ts';
import { compileLogFilter } from './log-filter.ts';
import { LogFile } from './log-file.ts';

export class AccessLogs {
  readonly #clock: MonotonicClock;
  readonly #files = new Map<string, LogFile>();

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  /** Throws when a format has an unknown operator or a filter a bad expression. */
  logger(conf: AccessLog): AccessLogger {
    const write = compileWriter(conf.format);
    const { sink } = conf;
    const key = sink.kind === 'file' ? `file ${sink.path}` : sink.kind;
    const log = (record: ExchangeRecord): void => (this.#files.get(key) ?? this.#open(key, sink)).write(write, record);
    if (conf.filter === undefined) return { log };
    const wanted = compileLogFilter(conf.filter, Math.random);
    return {
      log: (record) => {
        if (wanted(record)) log(record);
      },
    };
  }

  /** Envoy's `/reopen_logs`: for rotation by renaming. */
  reopen(): void {
    for (const file of this.#files.values()) file.stop();
    this.#files.clear();
  }

  get dropped(): number {
    let count = 0;
    for (const file of this.#files.values()) count += file.dropped;
    return count;
  }

  flush(): void {
    for (const file of this.#files.values()) file.flush();
  }

  stop(): void {
    for (const file of this.#files.values()) file.stop();
  }

  #open(key: string, sink: AccessLog['sink']): LogFile {
    const target = sink.kind === 'file' ? sink.path : sink.kind === 'stdout' ? process.stdout : process.stderr;
    const file = new LogFile(target, this.#clock);
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
