/** xds.type.v3.TypedStruct: how what Envoy has no message for travels. */
export const TYPED_STRUCT = 'xds.type.v3.TypedStruct';
