/** The log of a process: one line an event on standard error, `time level message key=value ...`. Never give it a secret. */
export type Fields = Readonly<Record<string, string | number | boolean>>;

export interface Log {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export function processLog(component: string): Log {
  const write = (level: string, message: string, fields: Fields = {}): void => {
    const pairs = Object.entries(fields).map(([key, value]) => ` ${key}=${quoted(String(value))}`);
    process.stderr.write(`${new Date().toISOString()} ${level} ${component}: ${oneLine(message)}${pairs.join('')}\n`);
  };
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  };
}

/** A value that no peer can break a line with. */
const quoted = (text: string): string => (/^[\w./:@+-]+$/.test(text) ? text : oneLine(JSON.stringify(text)));

/** Without what would end the line or steer a terminal (C0, DEL, C1, line separators). */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
