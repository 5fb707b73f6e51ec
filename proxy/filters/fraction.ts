/** Shares of requests (envoy.config.core.v3.RuntimeFractionalPercent). */
import { type Fraction, liveFraction } from '@weft/core/proxy-config';
import type { EngineRuntime } from '../ports.ts';

/** Whether chance, at the share that the runtime says now, takes this request. */
export function takes(fraction: Fraction, { random, values }: Pick<EngineRuntime, 'random' | 'values'>): boolean {
  const { numerator, denominator } = liveFraction(fraction, values.current);
  return random() * denominator < numerator;
}

/** None of the requests, unless the runtime says otherwise. */
export const isSet = ({ numerator, runtimeKey }: Fraction): boolean => numerator > 0 || runtimeKey !== undefined;
