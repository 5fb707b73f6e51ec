/** envoy.config.common.mutation_rules.v3.HeaderMutation: one change of a header, in its order among others. */
import type { HeaderMutationStep } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import type { Cursor } from '../base/cursor.ts';
import { decodeHeaderOption, encodeHeaderOption } from './headers.ts';

type WireHeader = Messages['envoy.config.common.mutation_rules.v3.HeaderMutation'];

export function decodeStep(cursor: Cursor<WireHeader>): HeaderMutationStep {
  const option = cursor.within('append', decodeHeaderOption);
  if (option !== undefined) return { kind: 'append', option };
  const name = (cursor.take('remove') ?? '').toLowerCase();
  if (name === 'host' || name.startsWith(':')) cursor.fault('remove', 'invalid-value', `${name} cannot be removed`);
  return { kind: 'remove', name };
}

export const encodeStep = (step: HeaderMutationStep): WireHeader =>
  step.kind === 'remove' ? { remove: step.name } : { append: encodeHeaderOption(step.option) };
