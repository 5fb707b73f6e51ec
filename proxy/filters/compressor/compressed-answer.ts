/**
 * One answer on its way through a compressor of zlib, which works on threads of its own: what comes out goes to the client when it is there. So
 * much as the compressor has not taken yet is held; then the upstream is stopped.
 */
import { Buffer } from 'node:buffer';
import {
  type BrotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  type Gzip,
  type ZstdCompress,
} from 'node:zlib';
import type { Compression } from '@weft/core/proxy-config';
import type { Exchange } from '../../http/exchange.ts';
import type { StreamFilter } from '../filter.ts';
import type { FilterRun } from '../filter-run.ts';
import type { CompressorFilter } from './filter.ts';

const NOTHING = new Uint8Array(0);
const MOST_HELD = 65_536;
const BROTLI_MODES = {
  generic: constants.BROTLI_MODE_GENERIC,
  text: constants.BROTLI_MODE_TEXT,
  font: constants.BROTLI_MODE_FONT,
};

type Compressor = Gzip | BrotliCompress | ZstdCompress;

export class CompressedAnswer {
  readonly #stream: Compressor;
  readonly #exchange: Exchange;
  readonly #filter: CompressorFilter;
  #held = 0;
  #destroyed = false;

  constructor(library: Compression, exchange: Exchange, run: FilterRun, part: StreamFilter, filter: CompressorFilter) {
    this.#exchange = exchange;
    this.#filter = filter;
    this.#stream = compressor(library);
    this.#stream.on('data', (bytes: Buffer) => {
      this.#within(() => {
        filter.stat('response.total_compressed_bytes').add(bytes.length);
        run.sendAnswer(part, bytes);
      });
    });
    this.#stream.on('end', () => this.#within(() => run.endAnswer()));
    this.#stream.on('error', (error) => {
      if (!this.#destroyed && exchange.active) exchange.defect(error);
    });
  }

  #within(work: () => void): void {
    if (this.#destroyed || !this.#exchange.active) return;
    try {
      work();
    } catch (error) {
      this.#exchange.defect(error);
    }
  }

  get full(): boolean {
    return this.#held > MOST_HELD;
  }

  /** What came together goes out together: the client must not wait for what comes later. */
  write(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    this.#filter.stat('response.total_uncompressed_bytes').add(length);
    this.#held += length;
    this.#stream.write(Buffer.from(bytes), () => {
      this.#held -= length;
      if (!this.full) this.#within(() => this.#exchange.router.client?.resumeReading());
    });
    this.#stream.flush();
    return NOTHING;
  }

  end(): undefined {
    this.#stream.end();
    return undefined;
  }

  destroy(): void {
    this.#destroyed = true;
    this.#stream.destroy();
  }
}

function compressor(library: Compression): Compressor {
  switch (library.encoding) {
    case 'gzip':
      return createGzip({
        ...(library.level === undefined ? {} : { level: library.level }),
        memLevel: library.memoryLevel,
        strategy: library.strategy,
        windowBits: library.windowBits,
        chunkSize: library.chunkSize,
        flush: constants.Z_NO_FLUSH,
      });
    case 'br':
      return createBrotliCompress({
        chunkSize: library.chunkSize,
        params: {
          [constants.BROTLI_PARAM_QUALITY]: library.quality,
          [constants.BROTLI_PARAM_LGWIN]: library.windowBits,
          [constants.BROTLI_PARAM_LGBLOCK]: library.inputBlockBits,
          [constants.BROTLI_PARAM_MODE]: BROTLI_MODES[library.mode],
        },
      });
    case 'zstd':
      return createZstdCompress({
        chunkSize: library.chunkSize,
        params: {
          [constants.ZSTD_c_compressionLevel]: library.level,
          [constants.ZSTD_c_checksumFlag]: library.checksum ? 1 : 0,
          ...(library.strategy === 0 ? {} : { [constants.ZSTD_c_strategy]: library.strategy }),
        },
      });
  }
}
