/** Access logs of one engine: formats compiled once, files shared by path. */
import type { MonotonicClock } from '@weft/core/kernel';
import type { AccessLog, JsonFields, JsonFormat, LogFormat } from '@weft/core/proxy-config';
import type { AccessLogger, ExchangeRecord } from '../ports.ts';
import { compileFormat, DEFAULT_FORMAT, type Piece, render, renderPlain } from './format.ts';
import { jsonText } from './json-text.ts';
import { compileLogFilter } from './log-filter.ts';
import { LogFile } from './log-file.ts';
import { WrittenJson } from './operator.ts';

export class AccessLogs {
  readonly #clock: MonotonicClock;
  readonly #files = new Map<string, LogFile>();

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  /** Throws when a format has an unknown operator or a filter a bad expression. */
  logger(conf: AccessLog): AccessLogger {
    const write = compileLine(conf.format);
    const file = this.#file(conf.sink);
    if (conf.filter === undefined) return { log: (record) => file.write(write(record)) };
    const wanted = compileLogFilter(conf.filter, Math.random);
    return {
      log: (record) => {
        if (wanted(record)) file.write(write(record));
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

  #file(sink: AccessLog['sink']): { write(line: string): void } {
    const key = sink.kind === 'file' ? `file ${sink.path}` : sink.kind;
    return {
      write: (line) => {
        let file = this.#files.get(key);
        if (file === undefined) {
          const target = sink.kind === 'file' ? sink.path : sink.kind === 'stdout' ? process.stdout : process.stderr;
          file = new LogFile(target, this.#clock);
          this.#files.set(key, file);
        }
        file.write(line);
      },
    };
  }
}

/** As a line of a log, but that a text is not escaped and what it has nothing to say about is `-`. */
export function compileText(format: LogFormat): Write {
  if (format.kind === 'json') return compileLine(format);
  const pieces = compileFormat(format.kind === 'default' ? DEFAULT_FORMAT : format.text);
  return (record) => renderPlain(pieces, record, '-');
}

type Write = (record: ExchangeRecord) => string;

export function compileLine(format: LogFormat): Write {
  if (format.kind !== 'json') {
    const pieces = compileFormat(format.kind === 'default' ? DEFAULT_FORMAT : format.text);
    return (record) => render(pieces, record);
  }
  const write = jsonObject(format.fields);
  return (record) => `${write(record)}\n`;
}

function jsonObject(given: JsonFields): Write {
  const fields = given.map(([key, format], index) => ({
    before: `${index === 0 ? '{' : ','}${jsonText(key)}:`,
    value: jsonFormat(format),
  }));
  if (fields.length === 0) return () => '{}';
  return (record) => {
    let line = '';
    for (const { before, value } of fields) line += before + value(record);
    return `${line}}`;
  };
}

function jsonFormat(format: JsonFormat): Write {
  if (typeof format === 'string') return jsonValue(compileFormat(format));
  if (format === null || typeof format !== 'object') {
    const text = String(format);
    return () => text;
  }
  if (format.kind === 'object') return jsonObject(format.fields);
  const items = format.items.map(jsonFormat);
  return (record) => `[${items.map((item) => item(record)).join(',')}]`;
}

/** One operator alone keeps its type, as in Envoy. */
function jsonValue(pieces: readonly Piece[]): Write {
  const [only] = pieces;
  if (pieces.length !== 1 || typeof only !== 'function') return (record) => jsonText(render(pieces, record));
  return (record) => {
    const value = only(record);
    if (typeof value === 'string') return jsonText(value);
    if (value instanceof WrittenJson) return value.text;
    return value === undefined ? 'null' : String(value);
  };
}
