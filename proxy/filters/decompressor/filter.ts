/**
 * envoy.extensions.filters.http.decompressor.v3.Decompressor: bodies of one content coding go on without it, in either direction. What Envoy
 * passes on cut short, a body that is damaged or grows out of all proportion, is refused (400) or ends its answer.
 */
import type { DecompressorDirection, DecompressorFilter as Row } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { HeaderEdit } from '../../http/header-edit.ts';
import type { AnswerSource } from '../../http/stream.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import { type BodyRefusal, CONTINUE, type FilterVerdict, type HttpFilter, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { Decompression } from './decompression.ts';
import type { FilterMaker } from '../index.ts';

const NOTHING = new Uint8Array(0);
const REFUSAL: BodyRefusal = { status: 400, body: 'Bad Request', details: 'decompression_failed' };
const STAT_NAMES = { gzip: 'gzip', br: 'brotli', zstd: 'zstd' } as const;

type Direction = 'request' | 'response';
type Stat = 'decompressed' | 'not_decompressed' | 'total_compressed_bytes' | 'total_uncompressed_bytes';

export class DecompressorFilter implements HttpFilter {
  readonly row: Row;
  readonly #counters: ReadonlyMap<string, Counter>;

  constructor(row: Row, runtime: EngineRuntime, statPrefix: string) {
    this.row = row;
    const prefix = `http.${statPrefix}.decompressor.${row.libraryName}.${STAT_NAMES[row.library.encoding]}`;
    this.#counters = new Map(
      (['request', 'response'] as const).flatMap((direction) =>
        ['decompressed', 'not_decompressed', 'total_compressed_bytes', 'total_uncompressed_bytes'].map(
          (stat): [string, Counter] => [
            `${direction}.${stat}`,
            runtime.counters.counter(`${prefix}.${direction}.${stat}`),
          ],
        ),
      ),
    );
  }

  count(direction: Direction, stat: Stat, amount = 1): void {
    this.#counters.get(`${direction}.${stat}`)?.add(amount);
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    const { advertises, library, request } = this.row;
    const { edit } = exchange.head;
    if (advertises) {
      const accepted = edit.get('accept-encoding');
      edit.set('accept-encoding', accepted === undefined ? library.encoding : `${accepted},${library.encoding}`);
    }
    const part = new DecompressedExchange(this, exchange, run);
    const body = exchange.reader.body.kind !== 0 && !exchange.wantsTunnel;
    if (body && this.decodes('request', edit, request)) part.decodeRequest();
    run.join(index, part);
    return CONTINUE;
  }

  /** Whether the body of that head is to be decoded; the head says from then on what it will be. */
  decodes(direction: Direction, head: HeaderEdit, { enabled, ignoreNoTransform }: DecompressorDirection): boolean {
    const codings = (head.get('content-encoding') ?? '').split(',').map((coding) => coding.trim());
    const stays = !ignoreNoTransform && /\bno-transform\b/i.test(head.get('cache-control') ?? '');
    if (!enabled || stays || codings[0]?.toLowerCase() !== this.row.library.encoding) {
      this.count(direction, 'not_decompressed');
      return false;
    }
    this.count(direction, 'decompressed');
    head.remove('content-length');
    if (codings.length === 1) head.remove('content-encoding');
    else head.set('content-encoding', codings.slice(1).join(', '));
    return true;
  }
}

class DecompressedExchange implements StreamFilter {
  readonly refusal = REFUSAL;
  readonly #filter: DecompressorFilter;
  readonly #exchange: Exchange;
  readonly #run: FilterRun;
  #request: Decompression | undefined;
  #answer: Decompression | undefined;

  constructor(filter: DecompressorFilter, exchange: Exchange, run: FilterRun) {
    this.#filter = filter;
    this.#exchange = exchange;
    this.#run = run;
  }

  decodeRequest(): void {
    this.#request = new Decompression(this.#filter.row.library, {
      decompressed: (bytes) =>
        this.#within(() => {
          this.#filter.count('request', 'total_uncompressed_bytes', bytes.length);
          this.#run.sendRequest(this, bytes);
        }),
      decompressionEnded: () => this.#within(() => this.#run.endRequest()),
      decompressionFailed: () => this.#within(() => this.#exchange.refuseBody(REFUSAL)),
      decompressionDrained: () => this.#within(() => this.#exchange.connection.readOn()),
    });
  }

  requestData(bytes: Uint8Array): Uint8Array {
    const request = this.#request;
    if (request === undefined) return bytes;
    this.#filter.count('request', 'total_compressed_bytes', bytes.length);
    request.write(bytes);
    if (request.full) this.#exchange.connection.stopReading();
    return NOTHING;
  }

  requestEnd(): boolean | undefined {
    if (this.#request === undefined) return true;
    this.#request.end();
    return undefined;
  }

  get changesAnswer(): boolean {
    return this.#answer !== undefined;
  }

  get full(): boolean {
    return this.#answer?.full === true;
  }

  answerHead(exchange: Exchange, source: AnswerSource): boolean {
    const ended = source.hasEnd === true || source.body.kind === 0 || source.switchesProtocol;
    if (ended || !this.#filter.decodes('response', exchange.response, this.#filter.row.response)) return false;
    this.#answer = new Decompression(this.#filter.row.library, {
      decompressed: (bytes) =>
        this.#within(() => {
          this.#filter.count('response', 'total_uncompressed_bytes', bytes.length);
          this.#run.sendAnswer(this, bytes);
        }),
      decompressionEnded: () => this.#within(() => this.#run.endAnswer()),
      decompressionFailed: () =>
        this.#within(() => {
          exchange.router.cancel();
          exchange.abort();
        }),
      decompressionDrained: () => this.#within(() => exchange.router.client?.resumeReading()),
    });
    return false;
  }

  answerData(bytes: Uint8Array): Uint8Array {
    if (this.#answer === undefined) return bytes;
    this.#filter.count('response', 'total_compressed_bytes', bytes.length);
    this.#answer.write(bytes);
    return NOTHING;
  }

  answerEnd(): Uint8Array | undefined {
    if (this.#answer === undefined) return NOTHING;
    this.#answer.end();
    return undefined;
  }

  ended(): void {
    this.#request?.destroy();
    this.#answer?.destroy();
  }

  #within(work: () => void): void {
    if (!this.#exchange.active) return;
    try {
      work();
    } catch (error) {
      this.#exchange.defect(error);
    }
  }
}

export const make: FilterMaker<'decompressor'> = (row, _overrides, { runtime, statPrefix }) =>
  new DecompressorFilter(row, runtime, statPrefix);
