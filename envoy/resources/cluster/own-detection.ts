/**
 * What our engine detects and Envoy does not, as a TypedStruct `dev.weft.outlier.v1.Detection` among the monitors: read strictly, since whoever writes it
 * means us.
 */
import { GRPC_CODES } from '@weft/core/kernel';
import type { OwnDetection } from '@weft/core/proxy-config';
import { pack, type JsonObject, type JsonValue, type Messages } from '../../tables/index.ts';
import { readingAny, type Cursor } from '../base/cursor.ts';
import { TYPED_STRUCT } from '../base/typed-struct.ts';

type Extension = Messages['envoy.config.core.v3.TypedExtensionConfig'];
type Typed = Messages['xds.type.v3.TypedStruct'];

const TYPE = 'type.googleapis.com/dev.weft.outlier.v1.Detection';

export const encodeOwnDetection = (own: OwnDetection): Extension => ({
  name: 'dev.weft.outlier',
  typed_config: pack(TYPED_STRUCT, { type_url: TYPE, value: { ...own } as JsonObject }),
});

export function decodeOwnDetection(cursor: Cursor<Extension>): OwnDetection | undefined {
  cursor.take('name');
  const any = cursor.take('typed_config');
  if (any !== undefined)
    return readingAny(any, cursor.at('typed_config'), cursor.report, { [TYPED_STRUCT]: decodeStruct });
  cursor.fault('typed_config', 'missing-field', 'a monitor needs it');
  return undefined;
}

function decodeStruct(cursor: Cursor<Typed>): OwnDetection | undefined {
  const type = cursor.take('type_url');
  const value = cursor.take('value');
  const made = type === TYPE && value !== undefined ? detectionOf(value) : undefined;
  if (made === undefined)
    cursor.fault(type === TYPE ? 'value' : 'type_url', 'invalid-value', `a ${TYPE} as Weft's control plane writes it`);
  return made;
}

const isWhole = (value: JsonValue | undefined, least: number, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;

const COUNT = 4_294_967_295;

function detectionOf({ grpcFailures, latency, probes, ...others }: JsonObject): OwnDetection | undefined {
  const codes = grpcFailures === undefined ? undefined : codesOf(grpcFailures);
  const slow = latency === undefined ? undefined : latencyOf(latency);
  if (Object.keys(others).length > 0 || (probes !== undefined && typeof probes !== 'boolean')) return undefined;
  if ((grpcFailures !== undefined && codes === undefined) || (latency !== undefined && slow === undefined))
    return undefined;
  return {
    ...(codes === undefined ? {} : { grpcFailures: codes }),
    ...(slow === undefined ? {} : { latency: slow }),
    ...(probes === undefined ? {} : { probes }),
  };
}

function codesOf(value: JsonValue): number[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const codes = (value as readonly JsonValue[]).filter((code) => isWhole(code, 0, GRPC_CODES.length - 1));
  return codes.length === value.length ? codes : undefined;
}

function latencyOf(value: JsonValue): OwnDetection['latency'] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { percentile, threshold, minimumHosts, requestVolume, ...others } = value as JsonObject;
  if (Object.keys(others).length > 0 || !isWhole(percentile, 1, 99) || !isWhole(threshold, 1, COUNT)) return undefined;
  if (!isWhole(minimumHosts, 1, COUNT) || !isWhole(requestVolume, 1, COUNT)) return undefined;
  return { percentile, threshold, minimumHosts, requestVolume };
}
