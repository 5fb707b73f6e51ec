/** Shares that filters may leave out (envoy.config.core.v3.RuntimeFractionalPercent, envoy.type.v3.FractionalPercent): none of the requests. */
import type { Fraction } from '@weft/core/proxy-config';
import type { Messages } from '../../tables/index.ts';
import { encodeFraction, encodeFractionalPercent } from '../base/matcher.ts';

export const NONE: Fraction = { numerator: 0, denominator: 100 };

const isNone = ({ numerator, denominator, runtimeKey }: Fraction): boolean =>
  numerator === 0 && denominator === 100 && runtimeKey === undefined;

export const runtimeFraction = (
  fraction: Fraction,
): Messages['envoy.config.core.v3.RuntimeFractionalPercent'] | undefined =>
  isNone(fraction) ? undefined : encodeFraction(fraction);

export const fractionalPercent = (fraction: Fraction): Messages['envoy.type.v3.FractionalPercent'] | undefined =>
  isNone(fraction) ? undefined : encodeFractionalPercent(fraction);
