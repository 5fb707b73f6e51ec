/** envoy.extensions.filters.http.compressor.v3.Compressor: answers that clients take compressed, and that are worth it, go compressed. */
import type { CompressorFilter as Row } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { AnswerSource } from '../../http/stream.ts';
import type { Counter, EngineRuntime } from '../../ports.ts';
import { CONTINUE, type FilterVerdict, type HttpFilter, type StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import { chooseEncoding } from './accept-encoding.ts';
import { CompressedAnswer } from './compressed-answer.ts';
import type { FilterMaker } from '../index.ts';

const STATS = [
  'response.compressed',
  'response.not_compressed',
  'response.total_uncompressed_bytes',
  'response.total_compressed_bytes',
];
const STAT_NAMES = { gzip: 'gzip', br: 'brotli', zstd: 'zstd' } as const;

export class CompressorFilter implements HttpFilter {
  readonly row: Row;
  readonly #types: ReadonlySet<string>;
  readonly #statuses: ReadonlySet<number>;
  readonly #count: (stat: string) => Counter;
  readonly #stats = new Map<string, Counter>();

  constructor(row: Row, runtime: EngineRuntime, statPrefix: string) {
    this.row = row;
    this.#types = new Set(row.contentTypes);
    this.#statuses = new Set(row.uncompressibleStatuses);
    const library = STAT_NAMES[row.library.encoding];
    this.#count = (stat) =>
      runtime.counters.counter(`http.${statPrefix}.compressor.${row.libraryName}.${library}.${stat}`);
    for (const stat of STATS) this.stat(stat);
  }

  stat(name: string): Counter {
    let counter = this.#stats.get(name);
    if (counter === undefined) {
      counter = this.#count(name);
      this.#stats.set(name, counter);
    }
    return counter;
  }

  onRequest(exchange: Exchange, run: FilterRun, index: number): FilterVerdict {
    const { enabled, library, chooseFirst, removeAcceptEncoding } = this.row;
    const { edit } = exchange.head;
    const accepted = edit.get('accept-encoding');
    run.join(index, new OfferedAnswer(this, run, accepted));
    if (!enabled) return CONTINUE;
    if (!run.encodings.includes(library.encoding)) run.encodings.push(library.encoding);
    if (chooseFirst && run.firstEncoding === '') run.firstEncoding = library.encoding;
    if (removeAcceptEncoding) edit.remove('accept-encoding');
    return CONTINUE;
  }

  /** Worth it, and allowed by the answer itself. */
  compressible({ response, status }: Exchange): boolean {
    const { enabled, disableOnEtag, minContentLength } = this.row;
    if (!enabled) return false;
    if (this.#statuses.has(status) || response.has('content-encoding') || status === 206) return false;
    const length = response.get('content-length');
    if (length !== undefined && Number(length) < minContentLength) {
      this.stat('response.content_length_too_small').add(1);
      return false;
    }
    const type = response.get('content-type');
    if (type !== undefined && !this.#types.has((type.split(';')[0] ?? '').trim().toLowerCase())) return false;
    if (/\bno-transform\b/i.test(response.get('cache-control') ?? '')) return false;
    if (disableOnEtag && response.has('etag')) {
      this.stat('not_compressed_etag').add(1);
      return false;
    }
    return true;
  }
}

/** An exchange whose answer may go compressed; it becomes one when its head is there. */
class OfferedAnswer implements StreamFilter {
  readonly #filter: CompressorFilter;
  readonly #run: FilterRun;
  readonly #accepted: string | undefined;
  #answer: CompressedAnswer | undefined;

  constructor(filter: CompressorFilter, run: FilterRun, accepted: string | undefined) {
    this.#filter = filter;
    this.#run = run;
    this.#accepted = accepted;
  }

  get changesAnswer(): boolean {
    return this.#answer !== undefined;
  }

  get full(): boolean {
    return this.#answer?.full === true;
  }

  answerHead(exchange: Exchange, source: AnswerSource): boolean {
    const filter = this.#filter;
    const { response } = exchange;
    const { library } = filter.row;
    const compressible = !source.switchesProtocol && filter.compressible(exchange);
    const ended = source.hasEnd === true || source.body.kind === 0;
    if (compressible && !ended && this.#isChosen(library.encoding)) {
      if (response.get('etag')?.startsWith('W/') === false) response.remove('etag');
      response.remove('content-length');
      response.set('content-encoding', library.encoding);
      filter.stat('response.compressed').add(1);
      this.#answer = new CompressedAnswer(library, exchange, this.#run, this, filter);
    } else filter.stat('response.not_compressed').add(1);
    if (compressible) addVary(exchange);
    return false;
  }

  #isChosen(own: string): boolean {
    const { encoding, why } = chooseEncoding(this.#accepted, this.#run.encodings, this.#run.firstEncoding);
    if (why !== 'header_compressor') this.#filter.stat(why).add(1);
    else this.#filter.stat(encoding === own ? 'header_compressor_used' : 'header_compressor_overshadowed').add(1);
    return encoding === own;
  }

  answerData(bytes: Uint8Array): Uint8Array {
    return this.#answer === undefined ? bytes : this.#answer.write(bytes);
  }

  answerEnd(): Uint8Array | undefined {
    return this.#answer === undefined ? NOTHING : this.#answer.end();
  }

  ended(): void {
    this.#answer?.destroy();
  }
}

const NOTHING = new Uint8Array(0);

/** The answer depends on what the client takes, also when it goes as it is. */
function addVary({ response }: Exchange): void {
  const vary = response.get('vary');
  if (vary === undefined || vary === '') response.set('vary', 'Accept-Encoding');
  else if (!/(?:^|,)\s*(?:accept-encoding|\*)\s*(?:,|$)/i.test(vary)) response.set('vary', `${vary}, Accept-Encoding`);
}

export const make: FilterMaker<'compressor'> = (row, overrides, { runtime, statPrefix }) =>
  new CompressorFilter(overrides.length > 0 ? { ...row, enabled: false } : row, runtime, statPrefix);
