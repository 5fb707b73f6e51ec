/**
 * envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs. A log's name says what becomes of its entries: `FILE|FIELDS` writes each as a line to
 * that file, with the fields of the entry that are named, by dots, as JSON; `node.id` and its like are of the stream's identifier.
 */
import { appendFileSync } from 'node:fs';
import { readMessage } from '@weft/envoy/codec';
import type { Messages } from '@weft/envoy/tables';
import { MessageReader } from '@weft/wire/grpc';
import { seen } from './seen.ts';

type Message = Messages['envoy.service.accesslog.v3.StreamAccessLogsMessage'];

const LONGEST = 4 << 20;

export class LogStream {
  readonly #messages = new MessageReader(LONGEST);
  /** Comes with the first message alone. */
  #identifier: Message['identifier'];

  take(slice: Buffer): void {
    this.#messages.read(slice, 0, slice.length, (bytes) => {
      const read = readMessage('envoy.service.accesslog.v3.StreamAccessLogsMessage', bytes);
      if (read.ok) this.#write(read.value);
    });
  }

  #write({ identifier, http_logs: http, tcp_logs: tcp }: Message): void {
    const again = identifier !== undefined && this.#identifier !== undefined;
    this.#identifier ??= identifier;
    const [file = '', fields = ''] = (this.#identifier?.log_name ?? '').split('|');
    for (const entry of [...(http?.log_entry ?? []), ...(tcp?.log_entry ?? [])]) {
      const line = again ? 'identified again' : seen({ ...entry, node: this.#identifier?.node }, fields);
      appendFileSync(file, `${line}\n`);
    }
  }
}
