/**
 * One body on its way through a decompressor of zlib, which works on threads of its own: what comes out is told when it is there. A body that
 * grows beyond its ratio (a bomb), that is damaged or cut short is told as a fault, and nothing more of it.
 */
import { Buffer } from 'node:buffer';
import {
  type BrotliDecompress,
  createBrotliDecompress,
  createGunzip,
  createZstdDecompress,
  type Gunzip,
  type ZstdDecompress,
} from 'node:zlib';
import type { Decompression as Library } from '@weft/core/proxy-config';

/** Envoy's bound where the library has none to configure. */
const RATIO = 100;
/** So much may come out whatever has gone in: short bodies have no ratio. */
const ALWAYS = 65_536;
const MOST_HELD = 65_536;

export interface DecompressionOwner {
  decompressed(bytes: Uint8Array): void;
  /** All of it has been told. */
  decompressionEnded(): void;
  decompressionFailed(): void;
  /** There is room again. */
  decompressionDrained(): void;
}

export class Decompression {
  readonly #stream: Gunzip | BrotliDecompress | ZstdDecompress;
  readonly #ratio: number;
  #in = 0;
  #out = 0;
  #held = 0;
  #over = false;

  constructor(library: Library, owner: DecompressionOwner) {
    this.#stream = decompressor(library);
    this.#ratio = library.encoding === 'gzip' ? library.maxRatio : RATIO;
    this.#stream.on('data', (bytes: Buffer) => {
      if (this.#over) return;
      this.#out += bytes.length;
      if (this.#out > ALWAYS && this.#out > this.#in * this.#ratio) this.#fail(owner);
      else owner.decompressed(bytes);
    });
    this.#stream.on('end', () => {
      if (this.#over) return;
      this.#over = true;
      owner.decompressionEnded();
    });
    this.#stream.on('error', () => this.#fail(owner));
    this.#drained = () => owner.decompressionDrained();
  }

  readonly #drained: () => void;

  get full(): boolean {
    return this.#held > MOST_HELD;
  }

  write(bytes: Uint8Array): void {
    const { length } = bytes;
    this.#in += length;
    this.#held += length;
    this.#stream.write(Buffer.from(bytes), () => {
      const wasFull = this.full;
      this.#held -= length;
      if (wasFull && !this.full && !this.#over) this.#drained();
    });
  }

  end(): void {
    this.#stream.end();
  }

  destroy(): void {
    this.#over = true;
    this.#stream.destroy();
  }

  #fail(owner: DecompressionOwner): void {
    if (this.#over) return;
    this.destroy();
    owner.decompressionFailed();
  }
}

function decompressor(library: Library): Gunzip | BrotliDecompress | ZstdDecompress {
  const { chunkSize } = library;
  switch (library.encoding) {
    case 'gzip':
      return createGunzip({ chunkSize, windowBits: library.windowBits });
    case 'br':
      return createBrotliDecompress({ chunkSize });
    case 'zstd':
      return createZstdDecompress({ chunkSize });
  }
}
