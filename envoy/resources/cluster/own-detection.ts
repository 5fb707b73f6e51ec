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

const isCode = (value: JsonValue): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < GRPC_CODES.length;

function detectionOf({ grpcFailures, ...others }: JsonObject): OwnDetection | undefined {
  if (Object.keys(others).length > 0) return undefined;
  if (grpcFailures === undefined) return {};
  if (!Array.isArray(grpcFailures)) return undefined;
  const codes = (grpcFailures as readonly JsonValue[]).filter(isCode);
  return codes.length === grpcFailures.length ? { grpcFailures: codes } : undefined;
}
