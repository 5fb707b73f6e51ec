/** envoy.extensions.filters.http.decompressor.v3.Decompressor with its libraries. Dictionaries of zstd are refused. */
import type { Decompression, DecompressorDirection, DecompressorFilter } from '@weft/core/proxy-config';
import { pack, type AnyMessage, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { unless } from '../base/encoding.ts';

type Wire = Messages['envoy.extensions.filters.http.decompressor.v3.Decompressor'];
type WireCommon = Messages['envoy.extensions.filters.http.decompressor.v3.Decompressor.CommonDirectionConfig'];

export const DECOMPRESSOR = 'envoy.extensions.filters.http.decompressor.v3.Decompressor';
const GZIP = 'envoy.extensions.compression.gzip.decompressor.v3.Gzip';
const BROTLI = 'envoy.extensions.compression.brotli.decompressor.v3.Brotli';
const ZSTD = 'envoy.extensions.compression.zstd.decompressor.v3.Zstd';
const CHUNK = 4096;
const WINDOW_BITS = 15;
const INFLATE_RATIO = 100;

const STANDARD: DecompressorDirection = { enabled: true, ignoreNoTransform: false };
const STANDARD_GZIP: Decompression = {
  encoding: 'gzip',
  windowBits: WINDOW_BITS,
  chunkSize: CHUNK,
  maxRatio: INFLATE_RATIO,
};

export function decodeDecompressor(cursor: Cursor<Wire>): DecompressorFilter {
  const library = cursor.within('decompressor_library', (extension) => ({
    name: extension.take('name') ?? '',
    library: readingAny<Decompression>(extension.take('typed_config'), extension.at('typed_config'), extension.report, {
      [GZIP]: (gzip) => ({
        encoding: 'gzip',
        windowBits: gzip.take('window_bits') ?? WINDOW_BITS,
        chunkSize: gzip.take('chunk_size') ?? CHUNK,
        maxRatio: gzip.take('max_inflate_ratio') ?? INFLATE_RATIO,
      }),
      [BROTLI]: (brotli) => {
        brotli.only('disable_ring_buffer_reallocation', false);
        return { encoding: 'br', chunkSize: brotli.take('chunk_size') ?? CHUNK };
      },
      [ZSTD]: (zstd) => ({ encoding: 'zstd', chunkSize: zstd.take('chunk_size') ?? CHUNK }),
    }),
  }));
  const request = cursor.within('request_direction_config', (direction) => ({
    direction: direction.within('common_config', decodeDirection) ?? STANDARD,
    advertises: direction.take('advertise_accept_encoding') ?? true,
  }));
  return {
    kind: 'decompressor',
    libraryName: library?.name ?? '',
    library: library?.library ?? STANDARD_GZIP,
    request: request?.direction ?? STANDARD,
    advertises: request?.advertises ?? true,
    response:
      cursor.within('response_direction_config', (direction) => direction.within('common_config', decodeDirection)) ??
      STANDARD,
  };
}

const decodeDirection = (cursor: Cursor<WireCommon>): DecompressorDirection => ({
  enabled:
    cursor.within('enabled', (enabled) => {
      enabled.take('runtime_key');
      return enabled.take('default_value') ?? false;
    }) ?? true,
  ignoreNoTransform: cursor.take('ignore_no_transform_header') ?? false,
});

const encodeDirection = ({ enabled, ignoreNoTransform }: DecompressorDirection): WireCommon => ({
  enabled: enabled ? undefined : { default_value: false, runtime_key: 'decompressor' },
  ignore_no_transform_header: ignoreNoTransform ? true : undefined,
});

export const encodeDecompressor = (filter: DecompressorFilter): Wire => ({
  decompressor_library: { name: filter.libraryName, typed_config: encodeLibrary(filter.library) },
  request_direction_config: {
    common_config: encodeDirection(filter.request),
    advertise_accept_encoding: filter.advertises ? undefined : false,
  },
  response_direction_config: { common_config: encodeDirection(filter.response) },
});

function encodeLibrary(library: Decompression): AnyMessage {
  const chunk_size = unless(library.chunkSize, CHUNK);
  switch (library.encoding) {
    case 'gzip':
      return pack(GZIP, {
        window_bits: unless(library.windowBits, WINDOW_BITS),
        chunk_size,
        max_inflate_ratio: unless(library.maxRatio, INFLATE_RATIO),
      });
    case 'br':
      return pack(BROTLI, { chunk_size });
    case 'zstd':
      return pack(ZSTD, { chunk_size });
  }
}
