/** envoy.service.runtime.v3.Runtime: the keys of one runtime layer, by RTDS. */
import { ok, type Diagnostic, type Result } from '@weft/core/kernel';
import { runtimeValues, type RuntimeValues } from '@weft/core/proxy-config';
import { readMessage } from '../codec/index.ts';

export interface RuntimeRow {
  readonly name: string;
  readonly values: RuntimeValues;
}

export function readRuntime(bytes: Uint8Array): Result<RuntimeRow, readonly Diagnostic[]> {
  const read = readMessage('envoy.service.runtime.v3.Runtime', bytes);
  return read.ok ? ok({ name: read.value.name ?? '', values: runtimeValues(read.value.layer ?? {}) }) : read;
}
