/** envoy.extensions.filters.http.compressor.v3.Compressor with its libraries. Requests are not compressed. */
import type { Compression, CompressorFilter } from '@weft/core/proxy-config';
import { enumType, pack, type AnyMessage, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { some, unless } from '../base/encoding.ts';
import { enumName, takeEnum, type EnumTable } from '../base/enumeration.ts';

type Wire = Messages['envoy.extensions.filters.http.compressor.v3.Compressor'];
type WireResponse = Messages['envoy.extensions.filters.http.compressor.v3.Compressor.ResponseDirectionConfig'];
type Gzip = Extract<Compression, { encoding: 'gzip' }>;
type Brotli = Extract<Compression, { encoding: 'br' }>;
type Zstd = Extract<Compression, { encoding: 'zstd' }>;

export const COMPRESSOR = 'envoy.extensions.filters.http.compressor.v3.Compressor';
export const COMPRESSOR_PER_ROUTE = 'envoy.extensions.filters.http.compressor.v3.CompressorPerRoute';
const GZIP = 'envoy.extensions.compression.gzip.compressor.v3.Gzip';
const BROTLI = 'envoy.extensions.compression.brotli.compressor.v3.Brotli';
const ZSTD = 'envoy.extensions.compression.zstd.compressor.v3.Zstd';
const MIN_CONTENT_LENGTH = 30;
/** What Envoy compresses where nothing is said. */
const CONTENT_TYPES: readonly string[] = [
  'application/ecmascript',
  'application/javascript',
  'application/json',
  'application/x-javascript',
  'application/x-json',
  'application/xhtml+xml',
  'application/xml',
  'image/svg+xml',
  'text/css',
  'text/ecmascript',
  'text/html',
  'text/javascript',
  'text/js',
  'text/jscript',
  'text/plain',
  'text/x-javascript',
  'text/x-js',
  'text/xml',
];
const CHUNK = 4096;
const LEVELS = 'envoy.extensions.compression.gzip.compressor.v3.Gzip.CompressionLevel';
const STRATEGIES = 'envoy.extensions.compression.gzip.compressor.v3.Gzip.CompressionStrategy';
const ZSTD_STRATEGIES = 'envoy.extensions.compression.zstd.compressor.v3.Zstd.Strategy';

const MODES: EnumTable<Brotli['mode'], 'DEFAULT' | 'GENERIC' | 'TEXT' | 'FONT'> = [
  ['generic', 'DEFAULT'],
  ['generic', 'GENERIC'],
  ['text', 'TEXT'],
  ['font', 'FONT'],
];

export function decodeCompressor(cursor: Cursor<Wire>): CompressorFilter {
  const library = cursor.within('compressor_library', (extension) => ({
    name: extension.take('name') ?? '',
    library: readingAny<Compression>(extension.take('typed_config'), extension.at('typed_config'), extension.report, {
      [GZIP]: decodeGzip,
      [BROTLI]: decodeBrotli,
      [ZSTD]: decodeZstd,
    }),
  }));
  const response = cursor.within('response_direction_config', decodeResponse);
  return {
    kind: 'compressor',
    libraryName: library?.name ?? '',
    library: library?.library ?? STANDARD_GZIP,
    ...(response ?? STANDARD_RESPONSE),
    chooseFirst: cursor.take('choose_first') ?? false,
  };
}

type Response = Pick<
  CompressorFilter,
  'enabled' | 'minContentLength' | 'contentTypes' | 'disableOnEtag' | 'removeAcceptEncoding' | 'uncompressibleStatuses'
>;

const STANDARD_GZIP: Gzip = {
  encoding: 'gzip',
  level: undefined,
  memoryLevel: 5,
  strategy: 0,
  windowBits: 12,
  chunkSize: CHUNK,
};

const STANDARD_RESPONSE: Response = {
  enabled: true,
  minContentLength: MIN_CONTENT_LENGTH,
  contentTypes: CONTENT_TYPES,
  disableOnEtag: false,
  removeAcceptEncoding: false,
  uncompressibleStatuses: [],
};

function decodeResponse(cursor: Cursor<WireResponse>): Response {
  const common = cursor.within('common_config', (inner) => {
    const types = (inner.take('content_type') ?? []).map((type) => type.toLowerCase());
    return {
      enabled:
        inner.within('enabled', (enabled) => {
          enabled.take('runtime_key');
          return enabled.take('default_value') ?? false;
        }) ?? true,
      minContentLength: inner.take('min_content_length') ?? MIN_CONTENT_LENGTH,
      contentTypes: types.length === 0 ? CONTENT_TYPES : types,
    };
  });
  return {
    ...STANDARD_RESPONSE,
    ...common,
    disableOnEtag: cursor.take('disable_on_etag_header') ?? false,
    removeAcceptEncoding: cursor.take('remove_accept_encoding_header') ?? false,
    uncompressibleStatuses: cursor.take('uncompressible_response_codes') ?? [],
  };
}

function decodeGzip(cursor: Cursor<Messages[typeof GZIP]>): Gzip {
  const level = numberOf(LEVELS, cursor.take('compression_level'));
  return {
    encoding: 'gzip',
    level: level === 0 ? undefined : level,
    memoryLevel: cursor.take('memory_level') ?? STANDARD_GZIP.memoryLevel,
    strategy: numberOf(STRATEGIES, cursor.take('compression_strategy')),
    windowBits: cursor.take('window_bits') ?? STANDARD_GZIP.windowBits,
    chunkSize: cursor.take('chunk_size') ?? CHUNK,
  };
}

function decodeBrotli(cursor: Cursor<Messages[typeof BROTLI]>): Brotli {
  cursor.only('disable_literal_context_modeling', false);
  return {
    encoding: 'br',
    quality: cursor.take('quality') ?? 3,
    windowBits: cursor.take('window_bits') ?? 18,
    inputBlockBits: cursor.take('input_block_bits') ?? 24,
    mode: takeEnum(cursor, 'encoder_mode', MODES),
    chunkSize: cursor.take('chunk_size') ?? CHUNK,
  };
}

const decodeZstd = (cursor: Cursor<Messages[typeof ZSTD]>): Zstd => ({
  encoding: 'zstd',
  level: cursor.take('compression_level') ?? 3,
  checksum: cursor.take('enable_checksum') ?? false,
  strategy: numberOf(ZSTD_STRATEGIES, cursor.take('strategy')),
  chunkSize: cursor.take('chunk_size') ?? CHUNK,
});

const numberOf = (name: string, value: string | undefined): number => enumType(name)?.numbers.get(value ?? '') ?? 0;

const nameOf = (name: string, value: number): string | undefined =>
  value === 0 ? undefined : enumType(name)?.names.get(value);

export const encodeCompressor = (filter: CompressorFilter): Wire => ({
  compressor_library: { name: filter.libraryName, typed_config: encodeLibrary(filter.library) },
  response_direction_config: {
    common_config: {
      enabled: filter.enabled ? undefined : { default_value: false, runtime_key: 'compressor' },
      min_content_length: unless(filter.minContentLength, MIN_CONTENT_LENGTH),
      content_type: filter.contentTypes === CONTENT_TYPES ? undefined : some(filter.contentTypes),
    },
    disable_on_etag_header: filter.disableOnEtag ? true : undefined,
    remove_accept_encoding_header: filter.removeAcceptEncoding ? true : undefined,
    uncompressible_response_codes: some(filter.uncompressibleStatuses),
  },
  choose_first: filter.chooseFirst ? true : undefined,
});

function encodeLibrary(library: Compression): AnyMessage {
  switch (library.encoding) {
    case 'gzip':
      return pack(GZIP, {
        memory_level: unless(library.memoryLevel, STANDARD_GZIP.memoryLevel),
        compression_level: nameOf(LEVELS, library.level ?? 0) as Messages[typeof GZIP]['compression_level'],
        compression_strategy: nameOf(STRATEGIES, library.strategy) as Messages[typeof GZIP]['compression_strategy'],
        window_bits: unless(library.windowBits, STANDARD_GZIP.windowBits),
        chunk_size: unless(library.chunkSize, CHUNK),
      });
    case 'br':
      return pack(BROTLI, {
        quality: unless(library.quality, 3),
        window_bits: unless(library.windowBits, 18),
        input_block_bits: unless(library.inputBlockBits, 24),
        encoder_mode: enumName(library.mode, MODES),
        chunk_size: unless(library.chunkSize, CHUNK),
      });
    case 'zstd':
      return pack(ZSTD, {
        compression_level: unless(library.level, 3),
        enable_checksum: library.checksum ? true : undefined,
        strategy: nameOf(ZSTD_STRATEGIES, library.strategy) as Messages[typeof ZSTD]['strategy'],
        chunk_size: unless(library.chunkSize, CHUNK),
      });
  }
}
