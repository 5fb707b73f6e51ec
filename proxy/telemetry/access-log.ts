/** Access logs of one engine: formats compiled once, files shared by path. */
import type { MonotonicClock } from '@weft/core/kernel';
import type { AccessLog } from '@weft/core/proxy-config';
import type { AccessLogger, ExchangeRecord } from '../ports.ts';
import { compileFormat, DEFAULT_FORMAT, jsonText, type Piece, render } from './format.ts';
import { LogFile } from './log-file.ts';

export class AccessLogs {
  readonly #clock: MonotonicClock;
  readonly #files = new Map<string, LogFile>();

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  /** Throws when a format has an unknown operator. */
  logger(conf: AccessLog): AccessLogger {
    const write = compileLine(conf);
    const file = this.#file(conf.sink);
    return { log: (record) => file.write(write(record)) };
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

export function compileLine({ format }: AccessLog): (record: ExchangeRecord) => string {
  if (format.kind !== 'json') {
    const pieces = compileFormat(format.kind === 'default' ? DEFAULT_FORMAT : format.text);
    return (record) => render(pieces, record);
  }
  const fields = format.fields.map(([key, text], index) => ({
    before: `${index === 0 ? '{' : ','}${jsonText(key)}:`,
    value: jsonValue(compileFormat(text)),
  }));
  if (fields.length === 0) return () => '{}\n';
  return (record) => {
    let line = '';
    for (const { before, value } of fields) line += before + value(record);
    return `${line}}\n`;
  };
}

/** One operator alone keeps its type, as in Envoy. */
function jsonValue(pieces: readonly Piece[]): (record: ExchangeRecord) => string {
  const [only] = pieces;
  if (pieces.length !== 1 || typeof only !== 'function') return (record) => jsonText(render(pieces, record));
  return (record) => {
    const value = only(record);
    if (typeof value === 'string') return jsonText(value);
    return value === undefined ? 'null' : String(value);
  };
}
