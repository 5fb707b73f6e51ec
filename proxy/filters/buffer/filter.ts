/** envoy.extensions.filters.http.buffer.v3.Buffer: a request goes on when all of it is here, with its length; one that is too long gets 413. */
import type { BufferFilter as BufferRow } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import {
  type BodyRefusal,
  CONTINUE,
  type FilterVerdict,
  type HttpFilter,
  PAUSED,
  type StreamFilter,
} from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { FilterMaker } from '../index.ts';

const REFUSAL: BodyRefusal = { status: 413, body: 'Payload Too Large', details: 'request_payload_too_large' };

export class BufferFilter implements HttpFilter {
  readonly #most: number | undefined;

  constructor({ maxRequestBytes }: BufferRow) {
    this.#most = maxRequestBytes;
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    if (this.#most === undefined || exchange.reader.body.kind === 0 || exchange.wantsTunnel) return CONTINUE;
    run.join(index, new BufferedRequest(exchange, run, this.#most));
    return PAUSED;
  }
}

class BufferedRequest implements StreamFilter {
  readonly refusal = REFUSAL;
  readonly waitsFor: number;
  readonly #exchange: Exchange;
  readonly #run: FilterRun;
  #octets = 0;

  constructor(exchange: Exchange, run: FilterRun, most: number) {
    this.#exchange = exchange;
    this.#run = run;
    this.waitsFor = most;
  }

  requestData(bytes: Uint8Array): Uint8Array | undefined {
    this.#octets += bytes.length;
    return this.#octets > this.waitsFor ? undefined : bytes;
  }

  requestEnd(): boolean {
    const { edit } = this.#exchange.head;
    if (!edit.has('content-length')) edit.add('content-length', String(this.#octets));
    this.#run.resume();
    return true;
  }
}

export const make: FilterMaker<'buffer'> = (row, [own]) => new BufferFilter(own ?? row);
