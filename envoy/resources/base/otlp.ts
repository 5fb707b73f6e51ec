/** Collectors of OTLP as Envoy's configuration names them (`grpc_service`, `http_service`), and what tells attributes of the resource. */
import type { OtlpExporter, ResourceDetector } from '@weft/core/proxy-config';
import { pack, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from './cursor.ts';
import { some } from './encoding.ts';
import { byKey } from './lb-metadata.ts';
import {
  decodeGrpcService,
  decodeHeaderPair,
  decodeHttpService,
  encodeGrpcService,
  encodeHeaderPair,
  encodeHttpService,
} from './service.ts';

type Extension = Messages['envoy.config.core.v3.TypedExtensionConfig'];
type WireHttp = Messages['envoy.config.core.v3.HttpService'];
type WireGrpc = Messages['envoy.config.core.v3.GrpcService'];

interface Exporters {
  readonly grpc_service?: WireGrpc | undefined;
  readonly http_service?: WireHttp | undefined;
}

const DETECTORS = 'envoy.extensions.tracers.opentelemetry.resource_detectors.v3';

const NO_SERVICE: OtlpExporter = {
  kind: 'grpc',
  service: { cluster: '', authority: '', timeout: undefined, initialMetadata: [], maxReceiveMessageLength: 0 },
};

export const decodeGrpcExporter = (cursor: Cursor<WireGrpc>): OtlpExporter => ({
  kind: 'grpc',
  service: decodeGrpcService(cursor),
});

export const decodeHttpExporter = (cursor: Cursor<WireHttp>): OtlpExporter => ({
  kind: 'http',
  service: cursor.within('http_uri', decodeHttpService) ?? { uri: '', cluster: '', timeout: 0 },
  headers: cursor.each('request_headers_to_add', decodeFixedHeader),
});

/** One of those that are stated; `what` goes to it. */
export function onlyExporter(
  stated: readonly (OtlpExporter | undefined)[],
  cursor: Pick<Cursor<object>, 'refuse'>,
  what: string,
): OtlpExporter {
  const [one, ...more] = stated.filter((exporter) => exporter !== undefined);
  if (one === undefined || more.length > 0)
    cursor.refuse('missing-field', `${what} go to one service`, 'set either grpc_service or http_service');
  return one ?? NO_SERVICE;
}

export const encodeExporter = (exporter: OtlpExporter): Exporters =>
  exporter.kind === 'grpc'
    ? { grpc_service: encodeGrpcService(exporter.service) }
    : {
        http_service: {
          http_uri: encodeHttpService(exporter.service),
          request_headers_to_add: some(exporter.headers.map((pair) => ({ header: encodeHeaderPair(pair) }))),
        },
      };

/** One value for every message: there is no request that operators could ask. */
function decodeFixedHeader(
  cursor: Cursor<Messages['envoy.config.core.v3.HeaderValueOption']>,
): readonly [string, string] {
  const pair = cursor.within('header', decodeHeaderPair) ?? (['', ''] as const);
  if (pair[1].includes('%'))
    cursor.fault(
      'header',
      'unsupported-value',
      'what is gathered belongs to no request that operators could ask',
      'write the value as it is',
    );
  return pair;
}

export function decodeDetector(cursor: Cursor<Extension>): ResourceDetector | undefined {
  cursor.take('name');
  return readingAny<ResourceDetector>(cursor.take('typed_config'), cursor.at('typed_config'), cursor.report, {
    [`${DETECTORS}.EnvironmentResourceDetectorConfig`]: (): ResourceDetector => ({ kind: 'environment' }),
    [`${DETECTORS}.StaticConfigResourceDetectorConfig`]: (config): ResourceDetector => ({
      kind: 'static',
      attributes: [...(config.take('attributes') ?? [])].toSorted(byKey),
    }),
  });
}

export function encodeDetector(detector: ResourceDetector): Extension {
  return detector.kind === 'environment'
    ? {
        name: 'envoy.tracers.opentelemetry.resource_detectors.environment',
        typed_config: pack(`${DETECTORS}.EnvironmentResourceDetectorConfig`, {}),
      }
    : {
        name: 'envoy.tracers.opentelemetry.resource_detectors.static_config',
        typed_config: pack(`${DETECTORS}.StaticConfigResourceDetectorConfig`, {
          attributes: new Map(detector.attributes),
        }),
      };
}
