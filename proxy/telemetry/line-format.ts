/** A log's format compiled to what writes a record's line: constant octets, and in between what differs from record to record. */
import { Buffer } from 'node:buffer';
import type { JsonFields, JsonFormat, LogFormat } from '@weft/core/proxy-config';
import type { ExchangeRecord } from '../ports.ts';
import { compileFormat, DEFAULT_FORMAT, type Piece, render } from './format.ts';
import { jsonText } from './json-text.ts';
import type { LineBuffer } from './line-buffer.ts';
import { WrittenJson } from './operator.ts';

export type LineWriter = (record: ExchangeRecord, out: LineBuffer) => void;

/** Throws when the format has an unknown operator. */
export function compileWriter(format: LogFormat): LineWriter {
  if (format.kind !== 'json') {
    const pieces = compileFormat(format.kind === 'default' ? DEFAULT_FORMAT : format.text);
    return (record, out) => out.text(render(pieces, record));
  }
  const parts = new Parts();
  addObject(parts, format.fields);
  parts.constant += '\n';
  return parts.writer();
}

class Parts {
  constant = '';
  readonly #values: { readonly before: Uint8Array; readonly write: LineWriter }[] = [];

  value(write: LineWriter): void {
    this.#values.push({ before: Buffer.from(this.constant), write });
    this.constant = '';
  }

  writer(): LineWriter {
    const values = this.#values;
    const last = Buffer.from(this.constant);
    return (record, out) => {
      for (let index = 0; index < values.length; index += 1) {
        const { before, write } = values[index] as (typeof values)[number];
        out.octets(before);
        write(record, out);
      }
      out.octets(last);
    };
  }
}

function addObject(parts: Parts, fields: JsonFields): void {
  parts.constant += '{';
  fields.forEach(([key, format], index) => {
    parts.constant += `${index === 0 ? '' : ','}${jsonText(key)}:`;
    add(parts, format);
  });
  parts.constant += '}';
}

function add(parts: Parts, format: JsonFormat): void {
  if (typeof format === 'string') parts.value(jsonValue(compileFormat(format)));
  else if (format === null || typeof format !== 'object') parts.constant += String(format);
  else if (format.kind === 'object') addObject(parts, format.fields);
  else {
    parts.constant += '[';
    format.items.forEach((item, index) => {
      if (index > 0) parts.constant += ',';
      add(parts, item);
    });
    parts.constant += ']';
  }
}

/** One operator alone keeps its type, as in Envoy. */
function jsonValue(pieces: readonly Piece[]): LineWriter {
  const [only] = pieces;
  if (pieces.length !== 1 || typeof only !== 'function') return (record, out) => out.json(render(pieces, record));
  return (record, out) => {
    const value = only(record);
    if (typeof value === 'string') out.json(value);
    else if (value === undefined) out.text('null');
    else if (value instanceof WrittenJson) out.text(value.text);
    else out.number(value);
  };
}
