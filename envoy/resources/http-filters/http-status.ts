/** envoy.type.v3.HttpStatus: a number on our side, a name on Envoy's. */
import { enumType, type Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';

type Wire = Messages['envoy.type.v3.HttpStatus'];

const codes = (): ReturnType<typeof enumType> => enumType('envoy.type.v3.StatusCode');

/** `standard`: what no status means. */
export function decodeHttpStatus(cursor: Cursor<Wire>, standard: number): number {
  const status = codes()?.numbers.get(cursor.take('code') ?? 'Empty') ?? 0;
  return status === 0 ? standard : status;
}

export const encodeHttpStatus = (status: number): Wire => ({ code: codes()?.names.get(status) as Wire['code'] });
